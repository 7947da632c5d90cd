import { CloudError } from '../../world/errors.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { Scene } from './invariant.ts';
import type { GroupWrite } from './our-writes.ts';
import { isLeaving } from './records.ts';

/** A member of a group that a write has made what its generation wanted, after that generation was over. */
interface Stale {
  readonly vServerGroupId: string;
  readonly key: string;
  readonly weight: number;
  readonly sentAtMs: number;
  readonly landedAtMs: number;
  /** By when it is to be right, disturbances apart. */
  readonly dueAtMs: number;
  /** Ticks of the timer that have run to their end after that. */
  ticks: number;
}

/** After it was due, so many whole ticks may pass: waits for budget and busy groups, and a wake-up that got lost. */
const TICKS_MAX = 3;
/** For this long after a call was refused or got no answer, back-offs may still be running. */
const DISTURBED_MS = 150_000;
const MINUTE_MS = 60_000;

/**
 * Watches over stale writes: one that lands before its lease and the time of a call are over is mended by the scheduled
 * verification at that time, a later one by the next full comparison, waits for budget and busy groups added.
 */
export class StaleWrites {
  readonly #scene: Scene;
  readonly #violate: (text: string) => void;
  readonly #generations = new WeakMap<WorkerCall, ReadonlyMap<string, number | null>>();
  #open: Array<Stale> = [];
  #disturbedAtMs = Number.NEGATIVE_INFINITY;

  constructor(scene: Scene, violate: (text: string) => void) {
    this.#scene = scene;
    this.#violate = violate;
  }

  sent(call: WorkerCall, { vServerGroupId, backends }: GroupWrite): void {
    const { records } = this.#scene;
    this.#generations.set(
      call,
      new Map(backends.map(({ key }) => [key, records.find(vServerGroupId, key)?.generation ?? null])),
    );
  }

  landed(call: WorkerCall, { vServerGroupId, backends }: GroupWrite): void {
    const { config, records, nowMs } = this.#scene;
    const { leaseMs, callTimeoutMs, compareMs } = config.timing;
    const landedAtMs = nowMs();
    const generations = this.#generations.get(call);
    for (const { key, weight } of backends) {
      const generation = records.find(vServerGroupId, key)?.generation ?? null;
      if (generation === generations?.get(key)) continue;
      const verifiedAtMs = call.sentAtMs + leaseMs + callTimeoutMs;
      const isVerified = landedAtMs <= verifiedAtMs - callTimeoutMs;
      const dueAtMs = isVerified ? verifiedAtMs : landedAtMs + compareMs + MINUTE_MS;
      const { sentAtMs } = call;
      const stale = { vServerGroupId, key, weight, sentAtMs, landedAtMs, dueAtMs, ticks: 0 };
      if (this.#isWrong(stale)) this.#open.push(stale);
    }
  }

  /** To be told of every call that was refused. */
  disturbed({ outcome }: WorkerCall): void {
    const error = outcome?.isOk === false ? outcome.error : null;
    // A condition that does not hold is an answer like others.
    if (error instanceof CloudError && error.code === 'OTSConditionCheckFail') return;
    this.#disturbedAtMs = this.#scene.nowMs();
  }

  ticked(): void {
    const nowMs = this.#scene.nowMs();
    for (const stale of this.#open) if (nowMs > stale.dueAtMs) stale.ticks++;
  }

  look(): void {
    if (this.#open.length === 0) return;
    const nowMs = this.#scene.nowMs();
    this.#open = this.#open.filter((stale) => this.#isWrong(stale));
    const isDisturbed = nowMs < this.#disturbedAtMs + DISTURBED_MS;
    const late = this.#open.find(({ ticks }) => ticks > TICKS_MAX);
    if (late !== undefined && !isDisturbed && !this.#isExcused(late)) this.#report(late);
  }

  rested(): void {
    const left = this.#open.find((stale) => this.#isWrong(stale) && !this.#isExcused(stale));
    if (left !== undefined) this.#report(left);
  }

  /** Whether what the write did still stands against what was decided since. */
  #isWrong({ vServerGroupId, key, weight }: Stale): boolean {
    const { clouds, records } = this.#scene;
    const record = records.find(vServerGroupId, key);
    const isOut = record === null || isLeaving(record);
    if (isOut !== weight > 0) return false;
    const now = clouds.slb
      .group(vServerGroupId)
      ?.backends.find(({ serverId, port }) => `${serverId}:${port}` === key);
    return weight > 0 ? (now?.weight ?? 0) > 0 : (now?.weight ?? 0) === 0;
  }

  /** What a guard or a limit holds, and what is gathering or proving itself, says so in its record. */
  #isExcused({ vServerGroupId, key }: Stale): boolean {
    const record = this.#scene.records.find(vServerGroupId, key);
    return record !== null && (record.held !== null || record.notBeforeMs !== null);
  }

  #report({ vServerGroupId, key, weight, sentAtMs, landedAtMs }: Stale): void {
    const { nowMs, records } = this.#scene;
    const phase = records.find(vServerGroupId, key)?.phase ?? 'without a record';
    const seconds = Math.round((nowMs() - landedAtMs) / 1_000);
    this.#violate(
      `a stale write of weight ${weight} to ${key} of ${vServerGroupId}, sent ${landedAtMs - sentAtMs} ms before it landed, is not mended ${seconds} s later, though it is ${phase}`,
    );
  }
}
