import { sleep, type WorldClock } from '../world/clock.ts';

/** One try of a call, as far as its way to the cloud and back goes. */
export interface Travel {
  /** `vpc`: no cloud's API, but an instance itself. */
  readonly product: 'slb' | 'ecs' | 'ess' | 'ots' | 'mns' | 'fc' | 'vpc';
  /** The vendor's operation name. */
  readonly action: string;
  /** How long the client waits for the answer. */
  readonly timeoutMs: number;
  /** An RPC operation's parameters, the rows of a write, the keys of a read, a message: as the client was given them. */
  readonly parameters: unknown;
  /** What the call is about, for people; made when it is asked for. */
  readonly about: () => string;
}

/**
 * How calls get from one worker to the clouds and back: the place where a simulator decides how long that takes, what is
 * lost on the way and who dies over it. Replies that never come are promises that never settle.
 */
export interface Carrier {
  /**
   * Takes one try there and back. `land` makes the call take effect and is to be called once at most; what it throws is
   * the cloud's answer. Rejects with DeadlineError once `timeoutMs` is over.
   */
  carry<T>(travel: Travel, land: () => Promise<T>): Promise<T>;
  /** A client's wait before its next try. */
  pause(ms: number): Promise<void>;
}

/** Every call takes effect at once, or half of `latencyMs` after it was sent and half before it is answered. */
export function steadyCarrier(clock: WorldClock, latencyMs = 0): Carrier {
  return {
    async carry(_travel, land) {
      await sleep(clock, latencyMs / 2);
      try {
        return await land();
      } finally {
        await sleep(clock, latencyMs / 2);
      }
    },
    pause: (ms) => sleep(clock, ms),
  };
}
