import type { RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import { planDeclaration } from '../../../../shared/declarations/plan.ts';
import {
  inputOf as declarationInputOf,
  type RecordedDeclaration,
} from '../../../../shared/declarations/recorded-decision.ts';
import { describeStep } from '../../../../shared/declarations/words.ts';
import { planPair } from '../../../../shared/pairs/plan.ts';
import { inputOf, type RecordedPairInput } from '../../../../shared/pairs/recorded-decision.ts';
import { hookDecidedAgain, type RecordedHook } from '../../../../shared/scaling/hook/recorded-decision.ts';
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
  'pair-called',
  'pair-call-refused',
  'group-called',
  'group-call-refused',
]);
/** What is only told of: nothing is decided by it. */
const REPORTS: ReadonlySet<unknown> = new Set(['sweep-reported']);
/** Of these, what may have had no answer at all, and so no request either. */
const MAY_BE_UNANSWERED: ReadonlySet<unknown> = new Set(['pair-call-refused', 'group-call-refused']);
/** Decisions about a group, a load balancer, a pair's course or a message: made from sums and limits, which are written down themselves. */
const FACTS: ReadonlyArray<readonly [action: string | RegExp, reason: RegExp, facts: ReadonlyArray<string>]> =
  [
    [
      'held',
      /^(?:minInService|maxDisruption|unsure):/,
      ['capacity', 'floor', 'running', 'wereOut', 'mayBeOut'],
    ],
    ['held', /^quota:/, ['quota']],
    ['signal-given-up', /./, ['instanceId', 'state', 'observed', 'key']],
    ['hook-adopted', /./, ['scalingGroupId', 'transition', 'activityId', 'instances', 'deadlineMs']],
    ['native-attachment', /./, ['scalingGroupId', 'activityId', 'instances']],
    ['pair-adopted', /./, ['groupId', 'primary', 'secondary']],
    ['pair-remark', /./, ['number', 'phase']],
    ['pair-change-ended', /./, ['number', 'outcome', 'listeners']],
    ['pair-order-answered', /./, ['orderId']],
    ['group-held', /./, ['by']],
    ['group-order-answered', /./, ['kind', 'by']],
    [/^request-/, /./, ['requestedBy', 'change', 'payloadHash']],
  ];

/**
 * I11: every decision in the audit can be made again from what was written down with it, as the table has it; what a call
 * came to names the clouds' request. The one invariant that asks the code which it judges.
 */
export const audit: MakeInvariant = ({ config }, violate) => ({
  landed(call) {
    if (call.outcome?.isOk !== true) return;
    const entries = auditRowsOf(call);
    const noted = new Set(entries.map(identityOf));
    for (const entry of entries) {
      const fault = faultOf(entry, noted, config.bindings);
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

/** An entry by what it says, for whom it is noted and when. */
function identityOf({ key: { subject, at, id }, columns: { action, reason, requestIds } }: AuditRow): string {
  return JSON.stringify([subject, at, id, action, reason, requestIds]);
}

/** What is wrong with an entry among those that are written with it; `null` = nothing. */
function faultOf(
  { key, columns }: AuditRow,
  noted: ReadonlySet<string>,
  bindings: Parameters<typeof decidedAgain>[1],
): string | null {
  const { action, reason, requestIds, inputs } = columns;
  const recorded = JSON.parse(String(inputs)) as Partial<
    RecordedSituation & RecordedHook & RecordedPairInput & RecordedDeclaration
  > &
    Readonly<Record<string, unknown>>;
  // What it was decided from stands with the subject that it was decided about.
  if (recorded.notedFor !== undefined) {
    const first = {
      kind: 'put',
      table: 'audit',
      key: { ...key, subject: String(recorded.notedFor) },
      columns,
    };
    return noted.has(identityOf(first as AuditRow)) ? null : `is not noted for ${String(recorded.notedFor)}`;
  }
  // An answer is what a call came to, or, when its reply was lost, what ESS shows afterwards.
  if (OF_CALLS.has(action) || (action === 'hook-answered' && requestIds !== ''))
    return requestIds === '' && !MAY_BE_UNANSWERED.has(action) ? 'names no request' : null;
  if (REPORTS.has(action)) return recorded.code === undefined ? 'does not say which code reports it' : null;
  if (recorded.fence === undefined || recorded.code === undefined)
    return 'does not say which code decided it';
  if (recorded.hookSituation !== undefined) {
    return compared(hookDecidedAgain(recorded as RecordedHook), String(action), String(reason));
  }
  if (recorded.pairInput !== undefined) {
    const { decisions } = planPair(inputOf(recorded as RecordedPairInput));
    // A plan may come to several; the one that was written down must be among them.
    const same = decisions.find((decision) => decision.action === action && decision.reason === reason);
    return compared(same ?? decisions.at(-1) ?? null, String(action), String(reason));
  }
  if (recorded.declarationInput !== undefined) {
    const { step, remarks } = planDeclaration(declarationInputOf(recorded as RecordedDeclaration));
    const again =
      action === 'group-remark' ? remarks.find((each) => each === reason) : step && describeStep(step);
    return compared(
      again == null ? null : { action: String(action), reason: again },
      String(action),
      String(reason),
    );
  }
  if (recorded.situation === undefined) {
    const known = FACTS.find(([of, pattern]) => isAction(of, String(action)) && pattern.test(String(reason)));
    if (known === undefined) return `says nothing that “${reason}” could be decided from`;
    const missing = known[2].filter((fact) => recorded[fact] === undefined);
    return missing.length === 0 ? null : `lacks ${missing.join(', ')}`;
  }
  return compared(decidedAgain(recorded as RecordedSituation, bindings), String(action), String(reason));
}

function isAction(of: string | RegExp, action: string): boolean {
  return typeof of === 'string' ? of === action : of.test(action);
}

/** What is decided again beside what was. */
function compared(
  again: { readonly action: string; readonly reason: string } | null,
  action: string,
  reason: string,
): string | null {
  if (again === null) return `nothing is decided from its inputs, where “${reason}” was`;
  if (again.action === action && again.reason === reason) return null;
  return `“${again.action}: ${again.reason}” is decided from its inputs, where “${reason}” was`;
}
