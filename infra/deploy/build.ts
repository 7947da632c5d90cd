import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { BUILT_CONFIG_FILE, writeBuiltConfig } from '../../shared/config/built-file.ts';
import { readConfigText } from '../../shared/config/config-text.ts';
import { parseConfig } from '../../shared/config/load.ts';
import { readYaml } from '../../shared/config/yaml-file.ts';
import { leaveOut, slimTablestoreProtocol, VENDORED, type Vendored } from './vendored.ts';

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

/** Parts of our own dependencies that nothing reaches: worker threads that write logs, responses in streams. */
const LEFT_OUT_OF_FUNCTIONS = [
  'thread-stream',
  'worker_threads',
  './transport',
  './lib/transport',
  'assert',
  'node:stream/web',
];

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
      const vendored = VENDORED[path];
      return vendored === undefined ? null : { path: `./${vendored.file}`, external: true };
    });
  },
};

/**
 * Builds every function of `functions/` into a folder that FC's nodejs20 runtime can run, and returns their names. Throws
 * `ConfigError` before anything is built when the configuration has faults: no function would start with it.
 */
export async function buildFunctions(target: BuildTarget = DEFAULT_TARGET): Promise<ReadonlyArray<string>> {
  const config = builtConfig(target.configFile);
  const names = await functionNames();
  const vendorFolder = join(target.outFolder, '.vendor');
  // Only what this made before: the folder may be anybody's.
  for (const name of names) await rm(join(target.outFolder, name), { recursive: true, force: true });
  await mkdir(vendorFolder, { recursive: true });
  await Promise.all(
    Object.entries(VENDORED).map(([name, vendored]) => buildVendor(name, vendored, vendorFolder)),
  );
  await Promise.all(names.map((name) => buildFunction(name, target.outFolder, config, vendorFolder)));
  await rm(vendorFolder, { recursive: true });
  return names;
}

/** The folders below `functions/`, each one a function. */
export async function functionNames(): Promise<ReadonlyArray<string>> {
  const entries = await readdir(join(PROJECT_FOLDER, 'functions'), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** The content of the configuration, checked, as functions carry it. */
function builtConfig(path: string): string {
  const text = readConfigText(path);
  parseConfig(text, basename(path));
  return writeBuiltConfig(readYaml(text).content);
}

async function buildFunction(
  name: string,
  outFolder: string,
  config: string,
  vendorFolder: string,
): Promise<void> {
  const folder = join(outFolder, name);
  await build({
    ...COMMON,
    entryPoints: [join(PROJECT_FOLDER, 'functions', name, 'index.ts')],
    outfile: join(folder, 'index.js'),
    // Vendor files are then loaded with `require`: `import()` of CommonJS first searches the whole file for exports.
    supported: { 'dynamic-import': false },
    plugins: [apart, leaveOut(LEFT_OUT_OF_FUNCTIONS)],
  });
  // The sources are ES modules; the runtime must not take the built file for one.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  await writeFile(join(folder, BUILT_CONFIG_FILE), config);
  await Promise.all(
    Object.values(VENDORED).map(({ file }) => copyFile(join(vendorFolder, file), join(folder, file))),
  );
}

async function buildVendor(name: string, { file, leftOut }: Vendored, folder: string): Promise<void> {
  await build({
    ...COMMON,
    stdin: { contents: `module.exports = require('${name}');`, resolveDir: PROJECT_FOLDER, loader: 'js' },
    outfile: join(folder, file),
    plugins: [leaveOut(leftOut), slimTablestoreProtocol],
    // Without this, the bundle would begin with "use strict" and `tablestore` would break at its first call.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  });
}
