import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../../../shared/config/faults.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { readMemoryDeployment } from '../../local/memory/read-deployment.ts';
import { runCampaign } from '../../local/simulator/campaign/campaign.ts';
import { drawDay } from '../../local/simulator/draw/day.ts';
import { describeExploration, exploreLane } from '../../local/simulator/lane-model.ts';
import { playDay } from '../../local/simulator/play/play-day.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';
import { describeReport } from './simulate-report.ts';

interface SimulateOptions {
  readonly seeds: number;
  readonly seed?: number;
  readonly trace?: true;
  readonly json?: true;
  readonly config?: string;
  readonly processes?: number;
  readonly laneModel?: true;
}

/** `autopilot simulate`: plays seeded days of trouble and says which of them broke an invariant. */
export function addSimulateCommand(program: Command, terminal: Terminal): void {
  program
    .command('simulate')
    .summary('play seeded days of trouble')
    .description(
      'Plays days in which everything goes wrong that can, with the code that is deployed and in virtual time, and ' +
        'checks every invariant after every step. The same seed is the same day. A day that breaks one is shrunk and ' +
        'printed with the command that plays it again.',
    )
    .addOption(new Option('--seeds <n>', 'how many days').argParser(wholeNumber).default(1_000))
    .addOption(new Option('--seed <s>', 'this day; with --seeds the first of so many').argParser(wholeNumber))
    .option('--trace', 'print what happened, line by line; with --seed')
    .option('--json', 'print one JSON document')
    .option('--config <file>', 'play on the bindings of this configuration')
    .addOption(
      new Option('--processes <n>', 'processes that play; one for each processor by default').argParser(
        wholeNumber,
      ),
    )
    .option('--lane-model', 'explore every state of the protocol of one lane instead')
    .action(async (options: SimulateOptions, command: Command) => {
      if (options.laneModel) return exploreLaneModel(options, terminal);
      if (options.trace && options.seed === undefined) {
        throw new CommandError(EXIT_STATUS.wrong, '--trace needs --seed');
      }
      const isAlone = options.seed !== undefined && command.getOptionValueSource('seeds') === 'default';
      await simulate({ ...options, seeds: isAlone ? 1 : options.seeds }, terminal);
    });
}

/** Every state of three workers and two signals on one load balancer, and what holds in all of them. */
function exploreLaneModel({ json }: SimulateOptions, terminal: Terminal): void {
  const exploration = exploreLane();
  terminal.out.write(json ? `${JSON.stringify(exploration)}\n` : describeExploration(exploration));
  if (exploration.violations.length > 0) throw new CommandError(EXIT_STATUS.failed, null);
}

async function simulate(options: SimulateOptions, terminal: Terminal): Promise<void> {
  const configuration = options.config === undefined ? null : readConfiguration(options.config);
  const deployment = await readMemoryDeployment(placeOf(configuration));
  const firstSeed = options.seed ?? 0;
  if (options.trace) {
    const { trace } = await playDay(drawDay(firstSeed, configuration?.text ?? null), deployment, {
      isTraced: true,
    });
    terminal.out.write(`${trace.join('\n')}\n`);
  }
  const progress = progressOn(terminal, options.seeds);
  const report = await runCampaign({
    deployment,
    configuration: configuration?.text ?? null,
    isShrunk: true,
    firstSeed,
    seeds: options.seeds,
    processes: options.processes ?? null,
    onProgress: progress.show,
  });
  progress.end();
  const replay = options.config === undefined ? '' : ` --config ${options.config}`;
  terminal.out.write(options.json ? `${JSON.stringify(report)}\n` : describeReport(report, replay));
  if (report.violations.length > 0) throw new CommandError(EXIT_STATUS.failed, null);
}

interface Configuration {
  readonly text: string;
  readonly regionId: string;
}

/** The text, once it is certain that it holds together. */
function readConfiguration(path: string): Configuration {
  try {
    const { regionId } = loadConfig(path);
    return { text: readFileSync(path, 'utf8'), regionId };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(EXIT_STATUS.wrong, error.message, error);
  }
}

function placeOf(configuration: Configuration | null): { accountId: string; region: string } | undefined {
  return configuration === null
    ? undefined
    : { accountId: '1234567890123456', region: configuration.regionId };
}

/** A line that is written over and over, for people only. */
function progressOn(
  { err }: Terminal,
  seeds: number,
): { show: (progress: { played: number; broken: number }) => void; end: () => void } {
  if (!err.isInteractive || seeds < 2) return { show: () => {}, end: () => {} };
  return {
    show: ({ played, broken }) => err.write(`\r${played} of ${seeds} days, ${broken} broken`),
    end: () => err.write('\r\u001b[K'),
  };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 1_000_000_000) {
    throw new InvalidArgumentError('A whole number from 0 to 1,000,000,000 is allowed.');
  }
  return value;
}
