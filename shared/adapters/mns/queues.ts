import type { ReplayPlace } from '../../acceptance/model.ts';
import type { Replays } from '../../acceptance/ports.ts';
import type { Clock } from '../../clock.ts';
import { TransientError } from '../../errors.ts';
import { writeWakeUp } from '../../events/wake-up.ts';
import type { WakeUps } from '../../lanes/ports.ts';
import type { RequestQueue, Results } from '../../requests/ports.ts';
import { HOOK_QUEUE } from '../../scaling/model.ts';
import type { QuarantineNotes } from '../tablestore/quarantine-store.ts';
import type { QueueClient } from './queue-client.ts';

/** Every queue of the product. The deployment template creates them under these names, and a test compares the two. */
export const QUEUES = {
  instanceEvents: 'slb-autopilot-instance-events',
  scalingHooks: HOOK_QUEUE,
  changeRequests: 'slb-autopilot-change-requests',
  results: 'slb-autopilot-results',
  wakeUps: 'slb-autopilot-wake-ups',
  quarantine: 'slb-autopilot-quarantine',
  deadLetters: 'slb-autopilot-dead-letters',
  /** Filled by the platform, with the invocations that it has given up. */
  sweepFailures: 'slb-autopilot-sweep-failures',
} as const;

/** Wake-ups as delayed messages. MNS counts whole seconds, so one may come up to a second late, never early. */
export function createWakeUps(queues: QueueClient, clock: Clock): WakeUps {
  return {
    async send(laneId, dueAtMs) {
      const delaySeconds = Math.max(0, Math.ceil((dueAtMs - clock.nowMs()) / 1_000));
      // A wake-up too many costs a read.
      await sendTwiceAtMost(queues, QUEUES.wakeUps, writeWakeUp(laneId, dueAtMs), delaySeconds);
    },
  };
}

/** The queue that whoever asked for changes reads. */
export function createResults(queues: QueueClient): Results {
  return {
    // A copy is the same text, under the same id.
    send: (text) => sendTwiceAtMost(queues, QUEUES.results, text, 0),
  };
}

/** The queue of change requests, as far as the product puts something on it. */
export function createRequestQueue(queues: QueueClient): RequestQueue {
  return {
    // A copy is the same request.
    send: (text, delaySeconds) => sendTwiceAtMost(queues, QUEUES.changeRequests, text, delaySeconds),
  };
}

/** For messages of which a copy does no harm: a connection that did not survive a freeze fails once. */
async function sendTwiceAtMost(
  queues: QueueClient,
  queue: string,
  text: string,
  delaySeconds: number,
): Promise<void> {
  try {
    await queues.send(queue, text, delaySeconds);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    await queues.send(queue, text, delaySeconds);
  }
}

const REPLAYED_ONTO: Readonly<Record<ReplayPlace, string>> = {
  'instance-events': QUEUES.instanceEvents,
  'scaling-hooks': QUEUES.scalingHooks,
  'change-requests': QUEUES.changeRequests,
};

/** Puts quarantined messages onto the queues again that the functions read. */
export function createReplays(queues: QueueClient): Replays {
  return { send: (place, text) => sendTwiceAtMost(queues, REPLAYED_ONTO[place], text, 0) };
}

/** Notes about quarantined messages: the key of the table row and the reason. */
export function createQuarantineNotes(queues: QueueClient): QuarantineNotes {
  return {
    async send(key, reason) {
      await queues.send(
        QUEUES.quarantine,
        JSON.stringify({ kind: 'slb-autopilot/quarantined', version: 1, key, reason }),
        0,
      );
    },
  };
}
