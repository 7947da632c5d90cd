import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildFunctions, DEFAULT_TARGET } from '../../infra/deploy/build.ts';

/** What the measures run, built when it is first asked for, outside of the project's folder. */
export interface Builds {
  /** Our functions by name, each with its folder, as they are deployed. */
  functions(): Promise<ReadonlyMap<string, string>>;
  /** The folder of the naive function: the same options of the bundler, and everything in one file. */
  naive(): Promise<string>;
  remove(): Promise<void>;
}

const NAIVE_ENTRY = fileURLToPath(new URL('./naive/function.cjs', import.meta.url));

/** Nothing is built yet. */
export async function prepareBuilds(): Promise<Builds> {
  const folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-bench-'));
  let functions: Promise<ReadonlyMap<string, string>> | null = null;
  let naive: Promise<string> | null = null;
  return {
    functions: () => {
      functions ??= buildOurs(join(folder, 'functions'));
      return functions;
    },
    naive: () => {
      naive ??= buildNaive(join(folder, 'naive'));
      return naive;
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

async function buildOurs(outFolder: string): Promise<ReadonlyMap<string, string>> {
  const names = await buildFunctions({ ...DEFAULT_TARGET, outFolder });
  return new Map(names.map((name) => [name, join(outFolder, name)]));
}

async function buildNaive(outFolder: string): Promise<string> {
  await build({
    entryPoints: [NAIVE_ENTRY],
    outfile: join(outFolder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    // An optional part of an SDK that the package itself does not install.
    external: ['proxy-agent'],
    // A strict bundle would break `tablestore` at its first call.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  });
  return outFolder;
}
