import { listenerName } from '../config/pair.ts';
import type { PairRow } from './record.ts';
import type { Saga } from './saga/model.ts';
import { describeFailure } from './words.ts';

/** Where an order stands, as the pair's row has it. */
export type OrderStanding =
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'refused' | 'noted'; readonly reason: string }
  /** Its change is under way, or has ended: `saga.phase` says. */
  | { readonly kind: 'change'; readonly saga: Saga }
  /** Its change has ended, and another one's journal stands in the row since. */
  | { readonly kind: 'overtaken'; readonly number: number };

/** Looks an order up. An answer that is too old to be kept counts as none. */
export function standingOfOrder(row: PairRow | null, orderId: string): OrderStanding {
  const answer = row?.answers.find((each) => each.orderId === orderId);
  if (row === null || answer === undefined) return { kind: 'unanswered' };
  if (answer.outcome !== 'begun') return { kind: answer.outcome, reason: answer.reason };
  const number = answer.number ?? 0;
  return row.saga?.number === number ? { kind: 'change', saga: row.saga } : { kind: 'overtaken', number };
}

/** How far a change has come: so many of its steps are done, and what comes next, for people. */
export interface ChangeProgress {
  readonly done: number;
  /** The new group, each listener, and the old group where there is one. */
  readonly total: number;
  readonly text: string;
  /** How often the step that is next was refused; `null` = never. It changes with every try. */
  readonly refused: string | null;
}

/** What of a change is done. Of one that turns back the steps that still stand are counted. */
export function progressOf(saga: Saga): ChangeProgress {
  const { refusals } = saga;
  const refused = refusals === 0 ? null : `refused ${refusals === 1 ? 'once' : `${refusals} times`} so far`;
  return { ...stepOf(saga), total: stepsOf(saga), refused };
}

function stepsOf({ listeners, from }: Saga): number {
  return listeners.length + (from === null ? 1 : 2);
}

function stepOf(saga: Saga): Pick<ChangeProgress, 'done' | 'text'> {
  const { phase, listeners, groupId, from, groupName, outcome } = saga;
  const moved = listeners.filter(({ state }) => state === 'moved').length;
  const settled = listeners.filter(({ state }) => state !== 'waiting').length;
  switch (phase) {
    case 'create':
      return { done: 0, text: `creating ${groupName}` };
    case 'repoint':
      return { done: 1 + settled, text: `${groupId} is created, pointed ${moved} of ${listeners.length}` };
    case 'tidy':
      return {
        done: 1 + listeners.length,
        text: from === null ? 'in force' : `in force; deleting the old group ${from.groupId}`,
      };
    case 'undo': {
      const text = `turning back: ${describeFailure(saga)}`;
      return { done: (groupId === null ? 0 : 1) + moved, text };
    }
    case 'ended':
      return { done: stepsOf(saga), text: outcome ?? 'ended' };
  }
}

/** Whether everybody who comes through the pair's listeners meets the new members: it is so before the old group is gone. */
export function isInForce(saga: Saga): boolean {
  return saga.phase === 'tidy' || saga.outcome === 'done';
}

/** What people should know of listeners that were left behind or differ from before. */
export function remarksOn({ listeners }: Saga): ReadonlyArray<string> {
  return listeners.flatMap((listener) =>
    listener.remark === null ? [] : [`${listenerName(listener)}: ${listener.remark}`],
  );
}
