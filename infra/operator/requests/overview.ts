import type { RequestRow } from '../../../shared/requests/model.ts';
import { roughly } from '../../../shared/times.ts';
import { renderTable, wrapped } from '../table.ts';
import type { Screen } from '../terminal.ts';
import { describeChange, describeStanding, paintOf } from './words.ts';

/** An id that was made here, the longest outcome, and an age, with the space behind them. */
const OTHER_COLUMNS = 27 + 20 + 9;
const TEXT_COLUMNS_MIN = 24;

/** Requests as a table, no wider than the screen where ids allow it. */
export function describeRequests(
  rows: ReadonlyArray<RequestRow>,
  nowMs: number,
  { colors, size }: Screen,
): string {
  const columns = Math.max(TEXT_COLUMNS_MIN, size().columns - OTHER_COLUMNS);
  const lines = rows.map((row) => {
    const { request, receivedAtMs, waitingFor } = row;
    const what = wrapped(`${describeChange(request.change)}, by ${request.requestedBy}`, columns);
    const waits = waitingFor === null ? [] : [wrapped(`waits: ${waitingFor}`, columns)];
    return [
      colors.bold(request.requestId),
      [what, ...waits].join('\n'),
      paintOf(row, colors)(describeStanding(row).replace(' (', '\n(')),
      roughly(nowMs - receivedAtMs),
    ];
  });
  return `${renderTable(['request', 'what, by whom, waiting for', 'state', 'age'], lines, colors)}\n`;
}
