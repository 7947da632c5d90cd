import { pairSubject } from '../../../shared/audit/model.ts';
import {
  type OrderStanding,
  progressOf,
  remarksOn,
  standingOfOrder,
} from '../../../shared/pairs/progress.ts';
import { isUnderWay, type Saga } from '../../../shared/pairs/saga/model.ts';
import { describeBefore, describeMembers, nameOfChange } from '../../../shared/pairs/words.ts';
import type { Lines } from '../lines.ts';
import type { Screen } from '../terminal.ts';
import { SYSTEM_PACE, watch } from '../watching.ts';
import type { PairDesk } from './desk.ts';

/** What became of an order while somebody watched. */
export type Followed =
  | { readonly kind: 'refused' | 'noted'; readonly reason: string }
  | { readonly kind: 'ended'; readonly saga: Saga }
  /** Ended, and its journal is not there any more; `reason` is what the audit says, `null` = it cannot be read. */
  | { readonly kind: 'overtaken'; readonly number: number; readonly reason: string | null }
  /** The time was up; `saga` = its change as it was last seen, `null` = nobody has answered. */
  | { readonly kind: 'time-is-up'; readonly saga: Saga | null; readonly why: string | null };

/** How an order is watched. */
export interface Watch {
  readonly desk: Pick<PairDesk, 'pairRows' | 'audit'>;
  readonly name: string;
  readonly orderId: string;
  readonly screen: Screen;
  readonly limitMs: number;
}

const AUDIT_ENTRIES = 50;
const UNTAKEN = {
  remark: 'waiting for a function to take the order up',
  slow: 'nobody has taken the order up; does the function slb-autopilot-tick run? Its log tells.',
};

/** Looks at the pair's row until the order is answered and its change has ended. */
export async function followOrder({ desk, name, orderId, screen, limitMs }: Watch): Promise<Followed> {
  let saga: Saga | null = null;
  const watched = await watch<Followed>({
    screen,
    pace: SYSTEM_PACE,
    limitMs,
    // Ctrl-C ends the whole command: the order stands, and there is nothing to be told.
    stop: null,
    subject: `the row of ${name}`,
    async look(lines) {
      const { row } = await desk.pairRows.read(name);
      const standing = standingOfOrder(row, orderId);
      const end = await settled(standing, desk, name);
      if (standing.kind === 'change') {
        saga = standing.saga;
        tell(lines, saga);
      }
      if (end !== null) return { kind: 'ended', end };
      if (saga === null) return { kind: 'going-on', ...UNTAKEN };
      return { kind: 'going-on', remark: `… ${progressOf(saga).refused ?? ''}`, slow: null };
    },
  });
  if (watched.kind === 'ended') return watched.end;
  return { kind: 'time-is-up', saga, why: watched.kind === 'time-is-up' ? watched.why : null };
}

async function settled(
  standing: OrderStanding,
  { audit }: Pick<PairDesk, 'audit'>,
  name: string,
): Promise<Followed | null> {
  switch (standing.kind) {
    case 'unanswered':
      return null;
    case 'refused':
    case 'noted':
      return standing;
    case 'change':
      return isUnderWay(standing.saga) ? null : { kind: 'ended', saga: standing.saga };
    case 'overtaken': {
      const { number } = standing;
      const entries = await audit.latest(pairSubject(name), AUDIT_ENTRIES).catch(() => []);
      const ended = entries.find(
        ({ action, inputs }) => action === 'pair-change-ended' && inputs.number === number,
      );
      return { kind: 'overtaken', number, reason: ended?.reason ?? null };
    }
  }
}

function tell(lines: Lines, saga: Saga): void {
  lines.add(`${nameOfChange(saga)} has begun: ${describeBefore(saga)} becomes ${describeMembers(saga.to)}`);
  if (!isUnderWay(saga)) return;
  const { done, total, text } = progressOf(saga);
  lines.add(`${done} of ${total}: ${text}`);
  for (const remark of remarksOn(saga)) lines.add(remark);
}
