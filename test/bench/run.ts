import { mkdir } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_FOLDER } from '../../infra/deploy/build.ts';
import { processTerminal } from '../../infra/operator/terminal.ts';
import { prepareBuilds } from './builds.ts';
import { MEASURES } from './measures.ts';
import { type Measured, renderEnd, renderJson, renderMeasure, type Surroundings } from './report.ts';

const USAGE = `Usage: npm run bench -- [options]

Measures what the project promises about its costs, each figure beside its bound and beside what one would pick
instead. A missed bound is shown, and is no failure: times belong to a machine.

  --json          one JSON document on stdout, nothing else
  --only NAME     only this measure; may be given several times:
                  ${MEASURES.map(({ name }) => name).join(', ')}
  --runs COUNT    how often a time is taken (default 15)
  --quick         small sizes: shows that everything works, and says nothing about times
  --out FOLDER    where charts go (default dist/bench)
`;
const DEFAULT_OUT_FOLDER = join(PROJECT_FOLDER, 'dist', 'bench');
const WRONG_USE_STATUS = 2;

const { out, err } = processTerminal();

/** What the command line asks for. Throws RangeError for what it cannot mean. */
function readOptions() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const known = MEASURES.map(({ name }) => name);
  const unknown = values.only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no measure ${unknown}; there are ${known.join(', ')}`);
  return {
    json: values.json,
    help: values.help,
    isQuick: values.quick,
    measures: MEASURES.filter(({ name }) => values.only.length === 0 || values.only.includes(name)),
    runs: values.runs === undefined ? (values.quick ? 1 : 15) : wholeNumber('--runs', values.runs),
    outFolder: values.out === undefined ? DEFAULT_OUT_FOLDER : resolve(values.out),
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d{1,3}$/.test(text) && value > 0) return value;
  throw new RangeError(`${option} takes a whole number from 1 to 999, not ${text}`);
}

async function runBench(options: ReturnType<typeof readOptions>): Promise<void> {
  const { json, measures, isQuick, runs, outFolder } = options;
  const [cpu] = cpus();
  const loadBefore = load();
  await mkdir(outFolder, { recursive: true });
  const builds = await prepareBuilds();
  const all: Array<Measured> = [];
  try {
    for (const measure of measures) {
      const startedAtMs = performance.now();
      const say = (text: string) => err.write(err.colors.dim(`${measure.name}: ${text}\n`));
      const result = await measure.run({ isQuick, runs, builds, outFolder, say });
      const measured = { ...result, measure, seconds: (performance.now() - startedAtMs) / 1_000 };
      all.push(measured);
      if (!json) out.write(`${renderMeasure(measured, out.colors)}\n`);
    }
  } finally {
    await builds.remove();
  }
  const loadAfter = load();
  const surroundings: Surroundings = {
    node: process.version,
    cpus: `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}`,
    loadBefore,
    loadAfter,
    // The bench itself keeps one or two processes going.
    isBusy: loadBefore > cpus().length / 2 || loadAfter > cpus().length + 2,
    isQuick,
    runs,
  };
  out.write(`${json ? renderJson(surroundings, all) : renderEnd(surroundings, all, out.colors)}\n`);
}

function load(): number {
  return loadavg()[0] ?? 0;
}

let options: ReturnType<typeof readOptions> | null = null;
try {
  options = readOptions();
} catch (error) {
  err.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = WRONG_USE_STATUS;
}
if (options?.help) out.write(USAGE);
else if (options !== null) await runBench(options);
