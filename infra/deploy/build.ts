import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** The folder of the project. */
export const PROJECT_FOLDER: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the functions are built to and which configuration they carry. */
export interface BuildTarget {
  /** One folder per function comes below it. */
  readonly outFolder: string;
  readonly configFile: string;
}

/** What `npm run build` makes. */
export const DEFAULT_TARGET: BuildTarget = {
  outFolder: join(PROJECT_FOLDER, 'dist'),
  configFile: join(PROJECT_FOLDER, 'autopilot.yaml'),
};

/**
 * SDKs that are too heavy to be read at every start. Each becomes a file of its own beside `index.js`, loaded when it
 * is first needed. `tablestore` must be apart in any case: it is sloppy-mode code and breaks in a strict bundle.
 */
const VENDORED: Readonly<Record<string, string>> = {
  tablestore: 'tablestore.vendor.js',
  '@alicloud/openapi-core': 'openapi-core.vendor.js',
  '@alicloud/mns': 'mns.vendor.js',
};

/** Parts of the SDKs that no call of ours reaches: web sockets and proxies. */
const LEFT_OUT = ['ws', 'socks-proxy-agent', 'http-proxy-agent', 'https-proxy-agent', 'proxy-agent'];

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};

const apart: Plugin = {
  name: 'vendor-files-apart',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path }) => {
      const file = VENDORED[path];
      return file === undefined ? null : { path: `./${file}`, external: true };
    });
  },
};

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    const names = LEFT_OUT.join('|');
    onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Builds every function of `functions/` into a folder that FC's nodejs20 runtime can run, and returns their names. */
export async function buildFunctions(target: BuildTarget = DEFAULT_TARGET): Promise<ReadonlyArray<string>> {
  const names = await functionNames();
  const vendorFolder = join(target.outFolder, '.vendor');
  // Only what this made before: the folder may be anybody's.
  for (const name of names) await rm(join(target.outFolder, name), { recursive: true, force: true });
  await mkdir(vendorFolder, { recursive: true });
  await Promise.all(
    Object.entries(VENDORED).map(([name, file]) => buildVendor(name, join(vendorFolder, file))),
  );
  await Promise.all(names.map((name) => buildFunction(name, target, vendorFolder)));
  await rm(vendorFolder, { recursive: true });
  return names;
}

/** The folders below `functions/`, each one a function. */
export async function functionNames(): Promise<ReadonlyArray<string>> {
  const entries = await readdir(join(PROJECT_FOLDER, 'functions'), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function buildFunction(name: string, target: BuildTarget, vendorFolder: string): Promise<void> {
  const folder = join(target.outFolder, name);
  await build({
    ...COMMON,
    entryPoints: [join(PROJECT_FOLDER, 'functions', name, 'index.ts')],
    outfile: join(folder, 'index.js'),
    plugins: [apart],
  });
  // The sources are ES modules; the runtime must not take the built file for one.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  await copyFile(target.configFile, join(folder, 'autopilot.yaml'));
  await Promise.all(
    Object.values(VENDORED).map((file) => copyFile(join(vendorFolder, file), join(folder, file))),
  );
}

async function buildVendor(name: string, outfile: string): Promise<void> {
  await build({
    ...COMMON,
    stdin: { contents: `module.exports = require('${name}');`, resolveDir: PROJECT_FOLDER, loader: 'js' },
    outfile,
    plugins: [leaveOut],
    // Without this, the bundle would begin with "use strict" and `tablestore` would break at its first call.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  });
}
