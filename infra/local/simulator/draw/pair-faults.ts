import type { CallFault, DayFault } from '../day.ts';
import type { Dice } from '../dice.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

const KINDS = [
  'crash',
  'crash',
  'zombie',
  'lost-reply',
  'lost-reply',
  'lost-reply',
  'lost-request',
  'late-call',
  'throttle',
  'busy',
  'partial-read',
  'api-error',
] as const;

/** The beginnings of the operations that pairs are kept with. */
const WRITES = [
  'CreateMasterSlave',
  'CreateMasterSlave',
  'CreateMasterSlave',
  'SetLoadBalancer',
  'SetLoadBalancer',
  'DeleteMasterSlave',
] as const;
const READS = ['DescribeMasterSlave', 'DescribeLoadBalancer', 'DescribeHealthStatus'] as const;

/** What goes wrong with the calls about pairs, near the instants at which something happens to them. */
export function drawPairFaults(dice: Dice, busyAtMs: ReadonlyArray<number>): ReadonlyArray<DayFault> {
  if (busyAtMs.length === 0) return [];
  return Array.from({ length: dice.whole(2, 5) }, () => {
    const atMs = Math.max(SECOND_MS, dice.pick(busyAtMs) + dice.whole(-10 * SECOND_MS, MINUTE_MS));
    return drawCallFault(dice, atMs);
  });
}

/** Shortens delays of hours on days with pairs: one that waits for somebody is looked at every few seconds, hour by hour. */
export function withShortDelays(faults: ReadonlyArray<DayFault>): ReadonlyArray<DayFault> {
  return faults.map((fault) =>
    fault.kind === 'delay' && fault.byMs > DELAY_MAX_MS
      ? { ...fault, byMs: fault.byMs % DELAY_MAX_MS }
      : fault,
  );
}

const DELAY_MAX_MS = 15 * MINUTE_MS;

function drawCallFault(dice: Dice, atMs: number): DayFault {
  const kind = dice.pick(KINDS);
  const call = (
    times: number,
    forMs = 10 * MINUTE_MS,
    actions: ReadonlyArray<string> = WRITES,
  ): CallFault => {
    return { atMs, untilMs: atMs + forMs, product: 'slb', action: dice.pick(actions), times };
  };
  const refusal = (status: number, code: string) => ({ status, code, retryAfterMs: null });
  switch (kind) {
    case 'crash':
      return { kind, ...call(1), when: dice.pick(['before', 'after', 'after']) };
    case 'zombie': {
      const forMs = dice.skewed(5 * SECOND_MS, 10 * MINUTE_MS);
      return { kind, ...call(1), forMs, hearsAnswer: dice.chance(0.5) };
    }
    case 'lost-reply':
    case 'lost-request':
      return { kind, ...call(dice.whole(1, 3)) };
    case 'late-call':
      return { kind, ...call(1), forMs: dice.skewed(2 * SECOND_MS, 2 * MINUTE_MS) };
    case 'throttle':
      return { kind, ...call(dice.whole(1, 4), 5 * MINUTE_MS), ...refusal(400, 'Throttling.User') };
    case 'busy': {
      const code = dice.pick([
        'SystemBusy',
        'OperationBusy',
        'ServiceIsConfiguring',
        'BackendServer.configuring',
      ]);
      return { kind, ...call(dice.whole(1, 5), 5 * MINUTE_MS), ...refusal(400, code) };
    }
    case 'partial-read':
      return {
        kind,
        ...call(dice.whole(1, 7), 5 * MINUTE_MS, READS),
        ...refusal(503, 'ServiceUnavailable'),
      };
    case 'api-error':
      return { kind, ...call(dice.whole(1, 4), 5 * MINUTE_MS), ...refusal(503, 'InternalError') };
  }
}
