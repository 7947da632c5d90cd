import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** A package that becomes a file of its own beside `index.js`, and what the built file leaves out of it. */
export interface Vendored {
  readonly file: string;
  /** Packages inside of it that no call of ours reaches; a call that does finds an empty module. */
  readonly leftOut: ReadonlyArray<string>;
}

/** Proxies, which no function of ours stands behind. */
const PROXIES = ['http-proxy-agent', 'https-proxy-agent', 'socks-proxy-agent', 'proxy-agent'];

/**
 * Packages that are too heavy to be read at every start: each is loaded when it is first needed, `yaml` only for a
 * configuration that the build did not write. `tablestore` must be apart in any case: it is sloppy-mode code and breaks
 * in a strict bundle.
 *
 * What the SDKs leave out is what costs a start most: nobody asks them for dates, deep merges or web sockets, they read
 * XML (some gateways' errors, everything of MNS) but never write it with the library, and the access key is handed to
 * them, so that they need not look for one. `debug` would print headers with signatures for anyone who sets a variable.
 */
export const VENDORED: Readonly<Record<string, Vendored>> = {
  tablestore: { file: 'tablestore.vendor.js', leftOut: [] },
  '@alicloud/openapi-core': {
    file: 'openapi-core.vendor.js',
    leftOut: ['@alicloud/credentials', 'xmlbuilder', 'moment', 'lodash', 'ws', 'debug', ...PROXIES],
  },
  '@alicloud/mns': { file: 'mns.vendor.js', leftOut: ['xmlbuilder', 'debug', ...PROXIES] },
  '@alicloud/fc2': { file: 'fc2.vendor.js', leftOut: ['axios', 'ali-oss', 'ws', 'debug'] },
  yaml: { file: 'yaml.vendor.js', leftOut: [] },
};

/** What stands in for a package that is left out; an empty module where nothing is said. */
const STAND_INS: Readonly<Record<string, string>> = {
  // One check in the log's file writer; the real one loads half of what a terminal needs.
  assert: 'module.exports = (isTrue, message) => { if (!isTrue) throw new Error(message); };',
  debug: 'module.exports = () => Object.assign(() => {}, { enabled: false });',
};

/** Replaces packages by stand-ins. */
export function leaveOut(packages: ReadonlyArray<string>): Plugin {
  return {
    name: 'leave-out',
    setup({ onResolve, onLoad }) {
      if (packages.length === 0) return;
      const filter = new RegExp(`^(${packages.join('|')})$`);
      onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
      onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
        contents: STAND_INS[path] ?? 'module.exports = {};',
      }));
    },
  };
}

/** Methods of the generated message classes that the SDK never calls: they write and read JSON, or check types. */
const UNUSED_METHODS =
  /^( +)[A-Za-z]+\.(?:prototype\.)?(?:verify|fromObject|toObject|toJSON|encodeDelimited|decodeDelimited) = function [\s\S]*?^\1\};\n/gm;
const SEARCH_MESSAGES = /^\$root\.search = \(function\(\) \{\n[\s\S]*?^\}\)\(\);\n/m;

/**
 * Slims the generated protocol code of `tablestore`, which is three quarters of it: the messages of the search index,
 * which we have none of, and methods that nothing calls. Fails when the file is not what it was made for.
 */
export const slimTablestoreProtocol: Plugin = {
  name: 'slim-tablestore-protocol',
  setup({ onLoad }) {
    onLoad({ filter: /tablestore_compiled_proto\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source
        .replace(SEARCH_MESSAGES, '$root.search = { proto: {} };\n')
        .replace(UNUSED_METHODS, '');
      if (contents.length < source.length / 3) return { contents, loader: 'js' };
      return { errors: [{ text: 'the generated code of tablestore has changed: look at it again' }] };
    });
  },
};
