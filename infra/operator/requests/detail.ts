import { type RequestRow, targetOfLane } from '../../../shared/requests/model.ts';
import { instant, roughly } from '../../../shared/times.ts';
import { labelled } from '../table.ts';
import type { Screen } from '../terminal.ts';
import { planLines } from './conclusion.ts';
import { describeCalls, describeChange, describePlan, describeStanding, paintOf } from './words.ts';

const LABEL_COLUMNS = 12;
const TEXT_COLUMNS_MIN = 40;

/** All that is known of one request, for people. */
export function describeRequest(row: RequestRow, nowMs: number, { colors, size }: Screen): string {
  const { request } = row;
  const columns = Math.max(TEXT_COLUMNS_MIN, size().columns - LABEL_COLUMNS);
  const told: ReadonlyArray<readonly [label: string, text: string]> = [
    ['asked', `by ${request.requestedBy}, ${signedWith(row)}: ${request.reason}`],
    ['received', received(row, nowMs)],
    ...bounds(row),
    ...(row.waitingFor === null ? [] : [['waits', row.waitingFor] as const]),
    ...(row.failures === 0
      ? []
      : [['failures', `${row.failures} in a row; the next look at ${atOf(row.notBeforeMs)}`] as const]),
    ...approval(row),
    ...result(row),
  ];
  const { result: ended } = row;
  return [
    `${colors.bold(request.requestId)}  ${describeChange(request.change)}`,
    paintOf(row, colors)(labelled('state', describeStanding(row), LABEL_COLUMNS, columns)),
    ...told.map(([label, text]) => labelled(label, text, LABEL_COLUMNS, columns)),
    ...planLines(ended?.plan ?? row.plan, ended?.planHash ?? row.planHash, 'The plan:'),
    ...(ended?.expectedPlan == null
      ? []
      : ['What had been approved or expected:', ...describePlan(ended.expectedPlan)]),
    ...calls(row, columns),
    'The document:',
    JSON.stringify(request, null, 2),
    '',
  ].join('\n');
}

function signedWith({ request: { signature } }: RequestRow): string {
  return signature === undefined ? 'not signed' : `signed with ${signature.keyId}`;
}

function received({ receivedAtMs, begunAtMs, laneId }: RequestRow, nowMs: number): string {
  const target = targetOfLane(laneId);
  const where = target === null ? '' : `, for the ${target.of} ${target.name}`;
  const begun = begunAtMs === null ? '' : `; begun ${instant(begunAtMs)}`;
  return `${instant(receivedAtMs)}, ${roughly(nowMs - receivedAtMs)} ago${where}${begun}`;
}

function bounds({ request }: RequestRow): ReadonlyArray<readonly [string, string]> {
  const { notBefore, notAfter, dryRun, planHash } = request;
  const texts = [
    ...(dryRun === true ? ['a dry run: nothing is done'] : []),
    ...(notBefore === undefined ? [] : [`not before ${notBefore}`]),
    ...(notAfter === undefined ? [] : [`not begun after ${notAfter}`]),
    ...(planHash === undefined ? [] : [`only with the plan ${planHash}`]),
  ];
  return texts.length === 0 ? [] : [['bounds', texts.join('\n')]];
}

function approval({ approval: given, phase, request }: RequestRow): ReadonlyArray<readonly [string, string]> {
  if (given !== null) {
    return [['approved', `by ${given.by} at ${instant(given.atMs)} (request ${given.requestId})`]];
  }
  if (phase !== 'awaiting-approval') return [];
  return [['approval', `nobody yet: autopilot approve ${request.requestId} --reason TEXT --key FILE`]];
}

function result({ result: ended }: RequestRow): ReadonlyArray<readonly [string, string]> {
  return ended === null ? [] : [['ended', `${instant(ended.endedAtMs)}: ${ended.reason}`]];
}

function calls({ result: ended }: RequestRow, columns: number): ReadonlyArray<string> {
  if (ended === null) return [];
  if (ended.calls.length === 0) return [labelled('calls', 'none', LABEL_COLUMNS, columns)];
  return [labelled('calls', describeCalls(ended).join('\n'), LABEL_COLUMNS, columns)];
}

function atOf(atMs: number | null): string {
  return atMs === null ? 'once' : instant(atMs);
}
