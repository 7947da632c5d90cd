import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { processTerminal } from '../../infra/operator/terminal.ts';
import { prepareBuilds } from './builds.ts';
import { MEASURES } from './measures.ts';
import { type Measured, renderEnd, renderJson, renderMeasure, type Surroundings } from './report.ts';

const USAGE = `Usage: npm run bench -- [options]

Measures what the project promises about its costs, each beside its bound and beside the naive way.
A missed bound is shown, and is no failure: times belong to a machine.

  --json          one JSON document on stdout, nothing else
  --only NAME     only this measure; may be given several times: ${MEASURES.map(({ name }) => name).join(', ')}
  --sizes LIST    numbers of backends (default 100,1000,10000)
  --runs COUNT    how often a time is taken (default 15)
`;
const WRONG_USE_STATUS = 2;

const { out, err } = processTerminal();

/** What the command line asks for; a text = what is wrong with it. */
function readOptions() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      sizes: { type: 'string', default: '100,1000,10000' },
      runs: { type: 'string', default: '15' },
      help: { type: 'boolean', default: false },
    },
  });
  const known = MEASURES.map(({ name }) => name);
  const unknown = values.only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no measure ${unknown}; there are ${known.join(', ')}`);
  return {
    json: values.json,
    help: values.help,
    measures: MEASURES.filter(({ name }) => values.only.length === 0 || values.only.includes(name)),
    sizes: values.sizes
      .split(',')
      .map((text) => wholeNumber('--sizes', text))
      .sort((a, b) => a - b),
    runs: wholeNumber('--runs', values.runs),
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d{1,6}$/.test(text) && value > 0) return value;
  throw new RangeError(`${option} takes whole numbers from 1 to 999999, not ${text}`);
}

async function runBench({ json, measures, sizes, runs }: ReturnType<typeof readOptions>): Promise<void> {
  const [cpu] = cpus();
  const surroundings: Surroundings = {
    node: process.version,
    cpus: `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}`,
    loadBefore: loadavg()[0] ?? 0,
    sizes,
    runs,
  };
  const builds = await prepareBuilds();
  const all: Array<Measured> = [];
  try {
    for (const measure of measures) {
      const startedAtMs = performance.now();
      const say = (text: string) => err.write(err.colors.dim(`${measure.name}: ${text}\n`));
      const result = await measure.run({ sizes, runs, builds, say });
      const measured = { ...result, measure, seconds: (performance.now() - startedAtMs) / 1_000 };
      all.push(measured);
      if (!json) out.write(`${renderMeasure(measured, out.colors)}\n`);
    }
  } finally {
    await builds.remove();
  }
  out.write(`${json ? renderJson(surroundings, all) : renderEnd(surroundings, all, out.colors)}\n`);
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
