import { bindingOfSubject } from '../../../shared/comparison/sections/declaration.ts';
import type { ChangeLine } from '../../../shared/comparison/sections/model.ts';
import type { DeclarationRow } from '../../../shared/declarations/record.ts';
import { progressOf as progressOfSaga } from '../../../shared/pairs/progress.ts';
import type { PairRow } from '../../../shared/pairs/record.ts';
import { describeFailure, nameOfChange } from '../../../shared/pairs/words.ts';
import type { BackendRow } from '../../../shared/server-groups/backend/record.ts';
import { describePhase } from '../../../shared/server-groups/backend/words.ts';
import { backendId } from '../../../shared/server-groups/model.ts';

/** Where a change of a plan stands, as the tables have it. */
export interface ChangeStanding {
  readonly subject: string;
  readonly kind: 'waiting' | 'going-on' | 'done' | 'held' | 'failed';
  /** For people: `in service, weight 100`. */
  readonly text: string;
}

/** What the tables say of the backends and pairs of a plan. */
export interface Recorded {
  readonly rows: ReadonlyArray<BackendRow>;
  /** By name. */
  readonly pairs: ReadonlyMap<string, PairRow | null>;
  /** Declared groups by the name of their binding, and whether somebody's order about them waits. */
  readonly declared: ReadonlyMap<string, { readonly row: DeclarationRow | null; readonly isAsked: boolean }>;
  /** The functions have looked since they were told: what the records said before is no answer. */
  readonly isTakenUp: boolean;
}

/** Where each change stands, a pair's calls as one; `number` = its last change before the plan was carried out. */
export function standingsOf(
  changes: ReadonlyArray<ChangeLine>,
  recorded: Recorded,
  numbers: ReadonlyMap<string, number>,
): ReadonlyArray<ChangeStanding> {
  const rows = new Map(recorded.rows.map((row) => [backendId(row), row]));
  const first = new Map(changes.map((change) => [change.subject, change]));
  return [...first.values()].map((change) => {
    const declared = bindingOfSubject(change.subject);
    if (declared !== null)
      return standingOfGroup(change, recorded.declared.get(declared), recorded.isTakenUp);
    return change.action === 'call'
      ? standingOfPair(
          change.subject,
          recorded.pairs.get(change.subject) ?? null,
          numbers,
          recorded.isTakenUp,
        )
      : standingOfBackend(change, rows.get(change.subject) ?? null, recorded.isTakenUp);
  });
}

function standingOfGroup(
  { subject, action }: ChangeLine,
  known: { readonly row: DeclarationRow | null; readonly isAsked: boolean } | undefined,
  isTakenUp: boolean,
): ChangeStanding {
  const { row, isAsked } = known ?? { row: null, isAsked: true };
  if (row === null || (!isTakenUp && isAsked)) return { subject, kind: 'waiting', text: 'not taken up yet' };
  const { inFlight, held, groupId } = row;
  if (isAsked) {
    const now =
      inFlight === null ? (held?.reason ?? 'it waits for servers') : `${inFlight.api} ${inFlight.target}`;
    return { subject, kind: 'going-on', text: now };
  }
  if (held !== null) return { subject, kind: 'held', text: `held (${held.by}): ${held.reason}` };
  if (action === 'delete') return { subject, kind: 'done', text: 'deleted' };
  return { subject, kind: 'done', text: `${groupId ?? ''} is as declared` };
}

function standingOfBackend(
  { subject, action }: ChangeLine,
  row: BackendRow | null,
  isTakenUp: boolean,
): ChangeStanding {
  if (!isTakenUp && row?.phase === 'in-service')
    return { subject, kind: 'waiting', text: 'not taken up yet' };
  if (row === null) {
    return action === 'add'
      ? { subject, kind: 'waiting', text: 'not taken up yet' }
      : { subject, kind: 'done', text: 'out of the group' };
  }
  if (row.held !== null) return { subject, kind: 'held', text: `held (${row.held.by}): ${row.held.reason}` };
  const isAtRest = row.phase === 'in-service' || row.phase === 'removed';
  if (!isAtRest) return { subject, kind: 'going-on', text: describePhase(row) };
  const isLeaving = action === 'drain' || action === 'remove';
  if (row.phase === 'in-service' && isLeaving) return { subject, kind: 'waiting', text: 'still in service' };
  if (row.phase === 'in-service' && row.confirmedWeight === null) {
    return { subject, kind: 'going-on', text: 'its weight is to be read back' };
  }
  const weight = row.phase === 'in-service' ? `, weight ${row.confirmedWeight}` : '';
  return { subject, kind: 'done', text: `${describePhase(row)}${weight}` };
}

function standingOfPair(
  subject: string,
  row: PairRow | null,
  numbers: ReadonlyMap<string, number>,
  isTakenUp: boolean,
): ChangeStanding {
  const saga = row?.saga ?? null;
  if (saga === null || saga.number <= (numbers.get(subject) ?? 0)) {
    // Tags, and what earlier changes have left over, are no change: when nothing is left of them the clouds tell.
    if (!isTakenUp || row === null) return { subject, kind: 'waiting', text: 'not begun yet' };
    if (row.held !== null) return { subject, kind: 'held', text: `held: ${row.held}` };
    return { subject, kind: 'done', text: 'nothing is left to be done' };
  }
  const { outcome } = saga;
  const { done, total, text } = progressOfSaga(saga);
  const name = nameOfChange(saga);
  if (outcome === null) return { subject, kind: 'going-on', text: `${name}: ${done} of ${total}, ${text}` };
  return outcome === 'done'
    ? { subject, kind: 'done', text: `${name} is in force` }
    : { subject, kind: 'failed', text: `${name} ${outcome ?? 'ended'}: ${describeFailure(saga)}` };
}
