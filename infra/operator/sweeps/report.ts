import type { RecordedSweep } from '../../../shared/sweep/recorded.ts';
import { instant } from '../../../shared/times.ts';
import { describeSection } from '../plan/report.ts';
import { printable, renderTable } from '../table.ts';
import type { Screen } from '../terminal.ts';

const HEAD = ['sweep of', 'worker', 'groups', 'pairs', 'found', 'corrected', 'held', 'failed', 'took'];

/** Reports of sweeps for people, the oldest first, and all that the last sweep has found. */
export function describeSweeps(reports: ReadonlyArray<RecordedSweep>, screen: Screen): string {
  if (reports.length === 0) return 'no sweep has reported yet\n';
  const { colors } = screen;
  const ordered = [...reports].sort((a, b) => a.sweepAtMs - b.sweepAtMs || a.reportedAtMs - b.reportedAtMs);
  const rows = ordered.map(({ sweepAtMs, by, loadBalancerIds, handedOn, counts }) => [
    instant(sweepAtMs),
    by === 'task' ? loadBalancerIds.join(', ') : by === 'in-place' ? 'all' : `${handedOn.length} handed on`,
    String(counts.groups),
    String(counts.pairs),
    counts.found === 0 ? colors.dim('0') : String(counts.found),
    counts.corrected === 0 ? colors.dim('0') : colors.green(String(counts.corrected)),
    counts.held === 0 ? colors.dim('0') : colors.yellow(String(counts.held)),
    counts.failed === 0 ? colors.dim('0') : colors.red(String(counts.failed)),
    `${(counts.durationMs / 1_000).toFixed(1)} s`,
  ]);
  return [renderTable(HEAD, rows, colors), ...describeLast(ordered, screen), ''].join('\n');
}

/** Everything that the last sweep has to say, of whatever workers are among the reports. */
function describeLast(ordered: ReadonlyArray<RecordedSweep>, screen: Screen): ReadonlyArray<string> {
  const lastMs = ordered.at(-1)?.sweepAtMs;
  const own = ordered.filter(({ sweepAtMs }) => sweepAtMs === lastMs);
  const sections = own.flatMap((report) => report.sections);
  const remarks = [...new Set(own.flatMap((report) => report.remarks))];
  const omitted = own.reduce((sum, report) => sum + report.omitted, 0);
  return [
    ...remarks.map((remark) => screen.colors.yellow(printable(remark))),
    ...(sections.length === 0 && remarks.length === 0 ? ['The last one found nothing.'] : []),
    ...sections.flatMap((section) => ['', ...describeSection(section, screen)]),
    ...(omitted === 0 ? [] : ['', `${omitted} lines more were not kept.`]),
  ];
}
