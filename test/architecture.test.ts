import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A source file: its path from the root, its text, and what it imports. */
interface Source {
  readonly path: string;
  readonly text: string;
  /** The code alone: without comments, and with the texts emptied. */
  readonly code: string;
  /** Packages as they are named, files as paths from the root. */
  readonly imports: ReadonlyArray<string>;
}

function filesIn(folder: string): ReadonlyArray<string> {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?[jt]s$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const bare = withoutComments(text);
  const named = [
    ...bare.matchAll(/\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g),
    ...bare.matchAll(/\bimport\s*['"]([^'"]+)['"]/g),
    ...bare.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g),
  ].map((match) => match[1] ?? '');
  const imports = named.map((name) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name));
  return { path, text, code: bare.replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''"), imports };
}

/** Leaves strings and template texts alone, so that a `//` in a URL is no comment. */
function withoutComments(text: string): string {
  const tokens = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replaceAll(tokens, (token) => (token.startsWith('/') ? ' ' : token));
}

const PRODUCT = ['functions', 'shared'].flatMap(filesIn).map(readSource);
const INFRA = filesIn('infra').map(readSource);
const ALL = [...PRODUCT, ...INFRA];
const under = (...folders: ReadonlyArray<string>) =>
  ALL.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));

/** `path → import` for each import of these files that is forbidden. */
const trespasses = (sources: ReadonlyArray<Source>, isForbidden: (name: string) => boolean) =>
  sources.flatMap(({ path, imports }) => imports.filter(isForbidden).map((name) => `${path} → ${name}`));
const into =
  (...folders: ReadonlyArray<string>) =>
  (name: string) =>
    folders.some((folder) => name.startsWith(`${folder}/`));
/** Files of which the code, comments and texts apart, says something that it must not. */
const saying = (sources: ReadonlyArray<Source>, words: RegExp) =>
  sources.filter(({ code }) => words.test(code)).map(({ path }) => path);

const isCloudSdk = (name: string) =>
  /^(?:@alicloud|@darabonba)\//.test(name) || /^tablestore(?:\/|$)/.test(name);

/** Files that decide: everything they know comes in as a parameter. */
const PURE_NAMES = new Set([
  'plan.ts',
  'transition.ts',
  'record.ts',
  'situation.ts',
  'news.ts',
  'orders.ts',
  'want.ts',
  'joining.ts',
  'ramp.ts',
  'ramping.ts',
  'draining.ts',
  'corrections.ts',
  'settle.ts',
  'candidates.ts',
  'group-context.ts',
  'listeners.ts',
  'health.ts',
  'guards.ts',
  'model.ts',
  'ports.ts',
  'draft.ts',
  'batches.ts',
  'evidence.ts',
  'group-work.ts',
  'signals.ts',
  'pacing.ts',
  'refusals.ts',
  'selection.ts',
  'backoff.ts',
  'collections.ts',
  'errors.ts',
  'outcome.ts',
]);
const isPure = ({ path }: Source) =>
  path.startsWith('shared/') &&
  !path.startsWith('shared/adapters/') &&
  PURE_NAMES.has(path.slice(path.lastIndexOf('/') + 1));

describe('the reader of sources', () => {
  it('sees every way to import, and neither comments nor texts', () => {
    const source = readSource('test/architecture.test.ts');
    expect(source.imports).toEqual(['node:fs', 'node:path', 'node:url', 'vitest']);
    expect(withoutComments("a('http://x'); // b\n/* c */ d('/* e */')")).toBe(
      "a('http://x');  \n  d('/* e */')",
    );
    expect(readSource('shared/adapters/tablestore/sdk.ts').imports).toContain('tablestore');
    expect(readSource('shared/middleware/pipeline.ts').imports).toContain('shared/events/model.ts');
    expect(PRODUCT.length).toBeGreaterThan(80);
    expect(ALL.filter(isPure).length).toBeGreaterThan(20);
  });
});

describe('arrows', () => {
  it('run from the functions to shared and never back', () => {
    expect(trespasses(under('shared'), into('functions', 'infra', 'test'))).toEqual([]);
    expect(trespasses(under('functions'), into('infra', 'test'))).toEqual([]);
    expect(
      trespasses(under('functions'), (name) => !name.startsWith('shared/') && !name.startsWith('functions/')),
    ).toEqual([]);
    const folderOf = (path: string) => path.split('/').slice(0, 2).join('/');
    const across = under('functions').flatMap(({ path, imports }) =>
      imports.filter((name) => name.startsWith('functions/') && folderOf(name) !== folderOf(path)),
    );
    expect(across).toEqual([]);
  });

  it('run from the domains to ports, never to an adapter', () => {
    const domains = PRODUCT.filter(
      ({ path }) => path.startsWith('shared/') && !/^shared\/(?:adapters|middleware)\//.test(path),
    );
    expect(trespasses(domains, into('shared/adapters'))).toEqual([]);
    // The pipeline hands over the access key; nothing else of the adapters concerns it.
    expect(
      trespasses(
        under('shared/middleware'),
        (name) => into('shared/adapters')(name) && name !== 'shared/adapters/credentials.ts',
      ),
    ).toEqual([]);
  });

  it('from what is deployed never reach the local clouds or the operator', () => {
    expect(trespasses(under('infra/deploy'), into('infra/operator', 'test'))).toEqual([]);
    expect(trespasses(under('infra/local'), into('infra/operator', 'test'))).toEqual([]);
    // The simulator plays what the functions do, and nothing else of them; everybody else runs them as they are built.
    const isHandler = (name: string) => /^functions\/[a-z-]+\/handler\.ts$/.test(name);
    const intoFunctions = into('functions');
    const players = under('infra/local/simulator');
    expect(trespasses(players, (name) => intoFunctions(name) && !isHandler(name))).toEqual([]);
    const others = under('infra/local').filter((file) => !players.includes(file));
    expect(trespasses(others, intoFunctions)).toEqual([]);
    expect(trespasses(under('infra/operator'), into('functions', 'test'))).toEqual([]);
  });

  it('of the world stay inside it: no HTTP, no host, no SDK, no product', () => {
    const world = under('infra/local/world');
    expect(world.length).toBeGreaterThan(50);
    expect(
      trespasses(world, (name) => name.startsWith('infra/') && !name.startsWith('infra/local/world/')),
    ).toEqual([]);
    expect(trespasses(world, into('shared'))).toEqual([]);
    expect(
      trespasses(world, (name) => isCloudSdk(name) || /^(?:hono|@hono|undici|axios)(?:\/|$)/.test(name)),
    ).toEqual([]);
    expect(
      trespasses(world, (name) =>
        /^node:(?:https?|http2|tls|dgram|child_process|worker_threads)$/.test(name),
      ),
    ).toEqual([]);
  });
});

describe('SDKs of the clouds', () => {
  it('are imported under shared/adapters only', () => {
    const others = ALL.filter(({ path }) => !path.startsWith('shared/adapters/'));

    expect(trespasses(others, isCloudSdk)).toEqual([]);
  });

  it('are loaded when first needed, each in one place', () => {
    const places = trespasses(ALL, isCloudSdk);

    expect(new Set(places.map((place) => place.split(' → ')[1])).size).toBe(places.length);
    for (const place of places) expect(place).toMatch(/^shared\/adapters\/\w+\/sdk\.ts → /);
    for (const { path, code } of under('shared/adapters')) {
      if (path.endsWith('/sdk.ts')) expect(code).not.toMatch(/^import (?!type)[^(]/m);
    }
  });
});

describe('what decides', () => {
  const pure = ALL.filter(isPure);

  it('imports no adapter and nothing of Node but hashing', () => {
    expect(trespasses(pure, (name) => name.startsWith('node:') && name !== 'node:crypto')).toEqual([]);
    expect(trespasses(pure, into('shared/adapters'))).toEqual([]);
  });

  it('imports nothing that acts', () => {
    const acts = (name: string) => /\/(?:apply|observe|work-lanes|concurrency|logger)\.ts$/.test(name);
    const deciding = pure.filter(({ path }) => !path.endsWith('/ports.ts'));

    expect(trespasses(deciding, acts)).toEqual([]);
  });

  it('has no clock, no chance and no randomness of its own', () => {
    expect(
      saying(
        pure,
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomUUID\b|\bperformance\b|\bprocess\b/,
      ),
    ).toEqual([]);
    expect(saying(pure, /\basync\b|\bawait\b/)).toEqual([]);
  });
});

describe('the outside world', () => {
  it('of time and chance enters the product through shared/adapters/node only', () => {
    const inside = PRODUCT.filter(({ path }) => !path.startsWith('shared/adapters/node/'));

    expect(
      saying(inside, /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b/),
    ).toEqual([]);
    expect(saying(under('infra/local/world'), /\bMath\.random\b/)).toEqual([]);
    expect(saying(under('infra/local/world'), /\bDate\.now\b/)).toEqual(['infra/local/world/clock.ts']);
  });

  it('of variables enters the product in one file', () => {
    expect(saying(PRODUCT, /\bprocess\.env\b/)).toEqual(['shared/config/environment.ts']);
  });

  it('of test tools stays under test', () => {
    expect(ALL.filter(({ text }) => /vitest|fast-check/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

/**
 * Exports of a file that have no docstring right above them. The type that a schema describes needs none: it stands
 * below the schema, under the same name.
 */
function undocumented({ path, text }: Source): ReadonlyArray<string> {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name =
      /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) (\w+)/.exec(
        line,
      )?.[1];
    if (name === undefined || /= z\.infer<typeof \w+>;$/.test(line)) return [];
    const above = lines[index - 1]?.trim() ?? '';
    return above.endsWith('*/') ? [] : [`${path}: ${name}`];
  });
}

describe('files', () => {
  it('say of every export what it is', () => {
    expect(undocumented({ path: 'x', text: 'export const a = 1;', code: '', imports: [] })).toEqual(['x: a']);
    expect(
      undocumented({ path: 'x', text: '/** A. */\nexport const a = 1;', code: '', imports: [] }),
    ).toEqual([]);
    expect(ALL.flatMap(undocumented)).toEqual([]);
  });

  it('export by name, where the thing is', () => {
    expect(ALL.filter(({ code }) => /^export default\b/m.test(code)).map(({ path }) => path)).toEqual([]);
  });

  it('are short enough to read', () => {
    const long = ALL.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path);

    expect(long).toEqual([]);
  });

  it('leave nothing for later', () => {
    expect(
      ALL.filter(({ text }) => /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });
});
