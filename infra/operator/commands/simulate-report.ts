import type { SimulationReport } from '../../local/simulator/campaign/report.ts';
import type { BrokenDay } from '../../local/simulator/campaign/shrink.ts';
import { DAY_BEGINS_MS, type DayFault, type Happening } from '../../local/simulator/day.ts';
import { dayTime } from '../../local/simulator/play/trace.ts';

/** The report for people. `replay` is appended to the command that plays a day again. */
export function describeReport(report: SimulationReport, replay: string): string {
  const lines = report.violations.flatMap((broken) => describeBroken(broken, replay));
  const { least, faults, pairs, requests } = report;
  const hours = `${report.virtualHours} virtual hours (${report.jumpedHours} of them idle and jumped over)`;
  lines.push(
    `${report.seeds} days, ${hours}, ${report.calls} calls, ${report.events} events`,
    `every day had at least ${least.virtualMinutes} minutes, ${least.backends} backends, ${least.events} events, ${least.faults} faults`,
    `${pairs.days} days had primary/secondary pairs, which were changed ${pairs.changes} times`,
    `${requests.days} days had change requests, ${requests.sent} of them`,
    `faults that struck: ${Object.entries(faults)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
    `${report.cpuMsPerSeed} ms of CPU per day, ${report.virtualHoursPerCpuSecond} virtual hours per CPU second`,
    `${report.violations.length} violations`,
  );
  return `${lines.join('\n')}\n`;
}

function describeBroken({ seed, violation, day, drawn }: BrokenDay, replay: string): ReadonlyArray<string> {
  const { happenings, faults } = day;
  return [
    `seed ${seed} breaks ${violation.invariant} at ${time(violation.atMs)}: ${violation.text}`,
    `  enough for it, of ${drawn.happenings} happenings and ${drawn.faults} faults:`,
    ...[...happenings.map(describeHappening), ...faults.map(describeFault)]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, text }) => `    ${time(atMs)} ${text}`),
    `  the whole day again: npm run simulate -- --seed ${seed} --trace${replay}`,
    '',
  ];
}

function time(sinceBeginMs: number): string {
  return dayTime(DAY_BEGINS_MS + sinceBeginMs);
}

function describeHappening(happening: Happening): { atMs: number; text: string } {
  const { atMs, kind, ...rest } = happening;
  return { atMs, text: `${kind} ${describeRest(rest)}` };
}

function describeFault(fault: DayFault): { atMs: number; text: string } {
  const { atMs, kind, ...rest } = fault;
  return { atMs, text: `fault ${kind} ${describeRest(rest)}` };
}

function describeRest(rest: Readonly<Record<string, unknown>>): string {
  return Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) =>
      name === 'untilMs' && typeof value === 'number'
        ? `until ${time(value)}`
        : `${name}=${JSON.stringify(value)}`,
    )
    .join(' ');
}
