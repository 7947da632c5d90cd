import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LaneRun, simulateLaneDay } from '../../local/simulator/lane-model.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';

interface SimulateOptions {
  readonly seeds: number;
  readonly seed?: number;
  readonly trace?: true;
  readonly json?: true;
}

/** `autopilot simulate`: plays seeded days of trouble and says which of them broke an invariant. */
export function addSimulateCommand(program: Command, terminal: Terminal): void {
  program
    .command('simulate')
    .summary('play seeded days of trouble')
    .description(
      'Plays seeded days of one load balancer’s lane on the decisions that production uses: workers race, die and ' +
        'sleep through their leases. The same seed is the same day.',
    )
    .addOption(new Option('--seeds <n>', 'how many days').argParser(wholeNumber).default(1_000))
    .addOption(new Option('--seed <s>', 'only this day').argParser(wholeNumber))
    .option('--trace', 'print what happened; with --seed')
    .option('--json', 'print one JSON document')
    .action((options: SimulateOptions) => {
      if (options.trace && options.seed === undefined) {
        throw new CommandError(EXIT_STATUS.wrong, '--trace needs --seed');
      }
      const report = simulate(options);
      terminal.out.write(
        options.json ? `${JSON.stringify(report)}\n` : described(report, options.trace === true),
      );
      if (report.violations.length > 0) throw new CommandError(EXIT_STATUS.failed, null);
    });
}

interface SimulationReport {
  readonly seeds: number;
  readonly steps: number;
  readonly takeovers: number;
  /** The days that broke an invariant, with their traces. */
  readonly violations: ReadonlyArray<LaneRun>;
  /** The trace of the one day that was asked for; empty for many. */
  readonly trace: ReadonlyArray<string>;
}

const VIOLATIONS_SHOWN_MAX = 5;

function simulate({ seeds, seed }: SimulateOptions): SimulationReport {
  const from = seed ?? 0;
  const count = seed === undefined ? seeds : 1;
  const violations: Array<LaneRun> = [];
  let steps = 0;
  let takeovers = 0;
  let last: LaneRun | null = null;
  for (let current = from; current < from + count; current++) {
    last = simulateLaneDay(current);
    steps += last.steps;
    takeovers += last.takeovers;
    if (last.violation !== null) violations.push(last);
  }
  return { seeds: count, steps, takeovers, violations, trace: seed === undefined ? [] : (last?.trace ?? []) };
}

function described(
  { seeds, steps, takeovers, violations, trace }: SimulationReport,
  isTraced: boolean,
): string {
  const lines = isTraced ? [...trace] : [];
  for (const { seed, violation } of violations.slice(0, VIOLATIONS_SHOWN_MAX)) {
    lines.push(`seed ${seed}: ${violation}; see it with: autopilot simulate --seed ${seed} --trace`);
  }
  lines.push(
    `${seeds} seeds, ${steps} steps, ${takeovers} leases that ran out, ${violations.length} violations`,
  );
  return `${lines.join('\n')}\n`;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 1_000_000_000) {
    throw new InvalidArgumentError('A whole number from 0 to 1,000,000,000 is allowed.');
  }
  return value;
}
