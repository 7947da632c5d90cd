import { setTimeout as delay } from 'node:timers/promises';
import { pairSubject } from '../../../shared/audit/model.ts';
import { describeError, RejectedError } from '../../../shared/errors.ts';
import { isUnderWay, type Saga } from '../../../shared/pairs/saga/model.ts';
import type { Screen } from '../terminal.ts';
import type { PairDesk } from './desk.ts';
import { type OrderStanding, progressOf, remarksOn, standingOfOrder } from './progress.ts';
import { describeMembers, nameOfChange } from './words.ts';

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

const LOOK_EVERY_MS = 500;
/** The tick looks at every pair once a minute: when it has not, somebody should look at the functions. */
const SLOW_ANSWER_MS = 75_000;
const AUDIT_ENTRIES = 50;

/**
 * Looks at the pair's row until the order is answered and its change has ended, and tells each step in a line; how long it
 * has been going on stands below, where the cursor can be moved. Tablestore that does not answer for a while is waited for.
 */
export async function followOrder({ desk, name, orderId, screen, limitMs }: Watch): Promise<Followed> {
  const startedAtMs = Date.now();
  const lines = new Lines(screen, startedAtMs);
  let saga: Saga | null = null;
  for (;;) {
    let why: string | null = null;
    try {
      const { row } = await desk.pairRows.read(name);
      const standing = standingOfOrder(row, orderId);
      const followed = await settled(standing, desk, name);
      if (standing.kind === 'change') {
        saga = standing.saga;
        tell(lines, saga);
      }
      if (followed !== null) {
        lines.end();
        return followed;
      }
    } catch (error) {
      if (error instanceof RejectedError) throw error;
      why = describeError(error);
      lines.add(`the row of ${name} cannot be read just now: ${why}`);
    }
    const waitedMs = Date.now() - startedAtMs;
    if (saga === null && waitedMs > SLOW_ANSWER_MS) {
      lines.add('nobody has taken the order up; does the function slb-autopilot-tick run? Its log tells.');
    }
    if (waitedMs >= limitMs) {
      lines.end();
      return { kind: 'time-is-up', saga, why };
    }
    lines.wait(saga === null ? null : progressOf(saga).refused);
    await delay(Math.min(LOOK_EVERY_MS, limitMs - waitedMs));
  }
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
  lines.add(
    `${nameOfChange(saga)} has begun: ${describeMembers(saga.from.members)} becomes ${describeMembers(saga.to)}`,
  );
  if (!isUnderWay(saga)) return;
  const { done, total, text } = progressOf(saga);
  lines.add(`${done} of ${total}: ${text}`);
  for (const remark of remarksOn(saga)) lines.add(remark);
}

/** Lines that are told once each, and a clock below them. */
class Lines {
  readonly #screen: Screen;
  readonly #startedAtMs: number;
  readonly #told = new Set<string>();

  constructor(screen: Screen, startedAtMs: number) {
    this.#screen = screen;
    this.#startedAtMs = startedAtMs;
  }

  add(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#screen.write(`${this.#erase()}${this.#screen.colors.dim(this.#time())}  ${text}\n`);
  }

  /** `remark` stands there until something is told. */
  wait(remark: string | null): void {
    if (!this.#screen.isInteractive) return;
    const text = this.#told.size === 0 ? 'waiting for a function to take the order up' : `… ${remark ?? ''}`;
    this.#screen.write(`${this.#erase()}${this.#screen.colors.dim(`${this.#time()}  ${text}`)}`);
  }

  end(): void {
    if (this.#screen.isInteractive) this.#screen.write(this.#erase());
  }

  #time(): string {
    return `${((Date.now() - this.#startedAtMs) / 1_000).toFixed(1).padStart(6)} s`;
  }

  #erase(): string {
    return this.#screen.isInteractive ? '\r\x1b[K' : '';
  }
}
