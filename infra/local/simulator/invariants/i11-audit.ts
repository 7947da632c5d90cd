import type { RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import {
  decidedAgain,
  type RecordedSituation,
} from '../../../../shared/server-groups/backend/recorded-decision.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { MakeInvariant } from './invariant.ts';

/** Actions that say what a call came to; all others are decisions. */
const OF_CALLS: ReadonlySet<unknown> = new Set([
  'added',
  'weight-set',
  'removed',
  'call-refused',
  'hook-heartbeat',
]);
/** What hooks are decided from besides what the clouds showed: where they stand, and what ESS waits for. */
const HOOK_FACTS = [
  'scalingGroupId',
  'phase',
  'transition',
  'activityId',
  'instances',
  'heartbeats',
  'deadlineMs',
  'result',
];
const HOOK_ACTIONS = [
  'hook-adopted',
  'hook-ordered',
  'hook-held',
  'hook-resumed',
  'hook-decided',
  'hook-answered',
  'hook-timed-out',
  'hook-ended-elsewhere',
  'hook-closed',
  'hook-given-up',
  'native-attachment',
];
/** Decisions about a group, a load balancer or a message: made from sums and limits, which are written down themselves. */
const FACTS: ReadonlyArray<readonly [action: string, reason: RegExp, facts: ReadonlyArray<string>]> = [
  [
    'held',
    /^(?:minInService|maxDisruption|unsure):/,
    ['capacity', 'floor', 'running', 'wereOut', 'mayBeOut'],
  ],
  ['held', /^quota:/, ['quota']],
  ...HOOK_ACTIONS.map((action) => [action, /./, HOOK_FACTS] as const),
  ['signal-given-up', /./, ['instanceId', 'state', 'observed', 'key']],
];

/**
 * I11: every decision in the audit can be made again from what was written down with it, as the table has it; what a call
 * came to names the clouds' request. The one invariant that asks the code which it judges.
 */
export const audit: MakeInvariant = ({ config }, violate) => ({
  landed(call) {
    if (call.outcome?.isOk !== true) return;
    for (const entry of auditRowsOf(call)) {
      const fault = faultOf(entry, config.bindings);
      if (fault === null) continue;
      const { subject } = entry.key;
      violate(`${call.worker} notes “${entry.columns.action}” of ${subject}, and ${fault}`);
      return;
    }
  },
});

type AuditRow = Extract<RowWrite, { kind: 'put' }>;

function auditRowsOf({ travel }: WorkerCall): ReadonlyArray<AuditRow> {
  if (travel.product !== 'ots' || !Array.isArray(travel.parameters)) return [];
  return (travel.parameters as ReadonlyArray<RowWrite>).filter(
    (row): row is AuditRow => row.table === 'audit' && row.kind === 'put',
  );
}

/** What is wrong with an entry; `null` = nothing. */
function faultOf(
  { columns: { action, reason, requestIds, inputs } }: AuditRow,
  bindings: Parameters<typeof decidedAgain>[1],
): string | null {
  const recorded = JSON.parse(String(inputs)) as Partial<RecordedSituation> &
    Readonly<Record<string, unknown>>;
  const isAnswer = action === 'hook-answered' && requestIds !== '';
  if (isAnswer) return null;
  if (OF_CALLS.has(action)) return requestIds === '' ? 'names no request' : null;
  if (recorded.fence === undefined || recorded.code === undefined)
    return 'does not say which code decided it';
  if (recorded.situation === undefined) {
    const known = FACTS.find(([of, pattern]) => of === action && pattern.test(String(reason)));
    if (known === undefined) return `says nothing that “${reason}” could be decided from`;
    const missing = known[2].filter((fact) => recorded[fact] === undefined);
    return missing.length === 0 ? null : `lacks ${missing.join(', ')}`;
  }
  const again = decidedAgain(recorded as RecordedSituation, bindings);
  if (again === null) return `nothing is decided from its inputs, where “${reason}” was`;
  if (again.action === action && again.reason === reason) return null;
  return `“${again.action}: ${again.reason}” is decided from its inputs, where “${reason}” was`;
}
