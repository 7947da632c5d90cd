import { isRequestLane } from '../../../../shared/requests/model.ts';
import { isScalingLane } from '../../../../shared/scaling/model.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { RowWritten } from '../play/observed-store.ts';
import { readLane } from '../play/tables.ts';
import type { Scene } from './invariant.ts';

/** A pass that fails comes back after a back-off, and looks then. */
const BACKOFF_MAX_MS = 61_000;
/** Table time is as exact as half a round trip to the tables. */
const TABLE_TIME_ERROR_MS = 100;

/**
 * Watches that nobody gives a lane up without a verification read to come: after a takeover, and after a pass that has
 * written, somebody looks once the lease and the time of a call are over, by which everything under way has landed.
 */
export class Verifications {
  readonly #scene: Scene;
  readonly #violate: (text: string) => void;
  /** By lane: when its groups are to be read once more. */
  readonly #owedAtMs = new Map<string, number>();
  /** By lane: until when the present holder may write. */
  readonly #leases = new Map<string, number>();

  constructor(scene: Scene, violate: (text: string) => void) {
    this.#scene = scene;
    this.#violate = violate;
  }

  /** A write leaves under the lane of its load balancer or pair. */
  sent(lane: string): void {
    const leaseUntilMs = this.#leases.get(lane);
    if (leaseUntilMs !== undefined) this.#owe(lane, leaseUntilMs);
  }

  rowWritten({ table, before, after }: RowWritten, by: WorkerCall | null): void {
    if (table !== 'lanes' || after === null || by === null) return;
    const was = before === null ? null : readLane(before);
    const is = readLane(after);
    const lane = is.loadBalancerId;
    // Under the lane of a scaling group, or of requests, nobody writes to a load balancer.
    if (isScalingLane(lane) || isRequestLane(lane)) return;
    if (is.owner !== '' && is.owner !== was?.owner) {
      this.#leases.set(lane, is.leaseUntilMs);
      if (was !== null && was.owner !== '') this.#owe(lane, is.leaseUntilMs);
    } else if (is.owner === '' && was !== null && was.owner !== '') {
      this.#leases.delete(lane);
      this.#checkRelease(lane, is.nextWakeUpMs, by.worker);
    }
  }

  #owe(lane: string, leaseUntilMs: number): void {
    const { callTimeoutMs } = this.#scene.config.timing;
    this.#owedAtMs.set(lane, leaseUntilMs + callTimeoutMs);
  }

  #checkRelease(lane: string, nextWakeUpMs: number | null, worker: string): void {
    const owedAtMs = this.#owedAtMs.get(lane);
    if (owedAtMs === undefined) return;
    const nowMs = this.#scene.nowMs();
    if (nowMs >= owedAtMs) {
      this.#owedAtMs.delete(lane);
      return;
    }
    const latestMs = Math.max(owedAtMs, nowMs + BACKOFF_MAX_MS) + TABLE_TIME_ERROR_MS;
    if (nextWakeUpMs !== null && nextWakeUpMs <= latestMs) return;
    const when = nextWakeUpMs === null ? 'never' : `only ${nextWakeUpMs - owedAtMs} ms after that`;
    this.#violate(
      `${worker} gives up ${lane}, where a write may land until ${owedAtMs - nowMs} ms from now, and comes back ${when}`,
    );
  }
}
