import type { CallFault, DayFault, FaultKind } from '../day.ts';
import type { Dice } from '../dice.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whether lost events are healed by themselves: by a full comparison of what should be with what is. */
const LOSS_IS_HEALED = true;

/** A day has at least so many faults. */
export const FAULTS_MIN = 5;

/** Those of hooks' messages come with scaling groups. */
type DrawnKind = Exclude<FaultKind, `hook-${string}`>;

const KINDS: ReadonlyArray<DrawnKind> = [
  'duplicate',
  'duplicate',
  'reorder',
  'delay',
  ...(LOSS_IS_HEALED ? (['loss'] as const) : []),
  'crash',
  'crash',
  'crash',
  'zombie',
  'zombie',
  'lost-reply',
  'lost-reply',
  'lost-request',
  'late-call',
  'throttle',
  'busy',
  'partial-read',
  'table-error',
  'queue-error',
  'api-error',
  'outage',
];

const WRITES = ['Add', 'Set', 'Remove'] as const;
const ROW_WRITES = ['BatchWriteRow', 'UpdateRow'] as const;
const BUSY_CODES = [
  ['VServerGroupProcessing', 400],
  ['SystemBusy', 400],
  ['OperationBusy', 400],
  ['BackendServer.configuring', 400],
  ['ServiceIsConfiguring', 400],
  ['ServiceIsStopping', 400],
] as const;
const TABLE_CODES = [
  ['OTSServerBusy', 503],
  ['OTSPartitionUnavailable', 503],
  ['OTSTimeout', 503],
  ['OTSServerUnavailable', 503],
  ['OTSInternalServerError', 500],
  ['OTSRowOperationConflict', 409],
  ['OTSNotEnoughCapacityUnit', 403],
] as const;

/** Most faults come when much is going on: those are the ones that hurt. */
const WHEN_BUSY = 0.7;

/** Draws what goes wrong until `endsAtMs`; `busyAtMs` are the instants at which something happens. */
export function drawFaults(
  dice: Dice,
  endsAtMs: number,
  busyAtMs: ReadonlyArray<number>,
): ReadonlyArray<DayFault> {
  // Some find nothing to strike.
  const count = dice.whole(FAULTS_MIN + 5, 15);
  const drawAtMs = () => {
    if (busyAtMs.length === 0 || !dice.chance(WHEN_BUSY)) return dice.whole(10 * SECOND_MS, endsAtMs);
    const aroundMs = dice.pick(busyAtMs) + dice.whole(-10 * SECOND_MS, 20 * SECOND_MS);
    return Math.min(Math.max(aroundMs, 10 * SECOND_MS), endsAtMs);
  };
  const faults = Array.from({ length: count }, () => drawFault(dice, dice.pick(KINDS), drawAtMs()));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function drawFault(dice: Dice, kind: DrawnKind, atMs: number): DayFault {
  const call = (
    product: CallFault['product'],
    action: string | null,
    times: number,
    forMs = 10 * MINUTE_MS,
  ): CallFault => ({ atMs, untilMs: atMs + forMs, product, action, times });
  const anyCall = (times: number) => {
    const product = dice.pick(['slb', 'slb', 'ots', 'ots', 'ecs', 'mns', null] as const);
    const ofWrites = product === 'slb' ? WRITES : product === 'ots' ? ROW_WRITES : [];
    return call(product, ofWrites.length > 0 && dice.chance(0.6) ? dice.pick(ofWrites) : null, times);
  };
  const refusal = (status: number, code: string) => ({ status, code, retryAfterMs: null });
  switch (kind) {
    case 'duplicate':
    case 'reorder':
    case 'delay':
    case 'loss':
      return {
        kind,
        atMs,
        untilMs: atMs + dice.whole(MINUTE_MS, 10 * MINUTE_MS),
        copies: kind === 'duplicate' ? dice.whole(2, 4) : 1,
        ids: dice.pick(['same', 'new']),
        byMs: kind === 'delay' ? drawDelayMs(dice) : dice.skewed(SECOND_MS, 5 * MINUTE_MS),
        probability: dice.pick([0.2, 0.5, 1]),
      };
    case 'crash':
      return { kind, ...anyCall(1), when: dice.pick(['before', 'after']) };
    case 'zombie':
      return {
        kind,
        ...anyCall(1),
        forMs: dice.skewed(20 * SECOND_MS, 20 * MINUTE_MS),
        hearsAnswer: dice.chance(0.5),
      };
    case 'lost-reply':
    case 'lost-request':
      return { kind, ...anyCall(dice.whole(1, 3)) };
    case 'late-call':
      return { kind, ...anyCall(1), forMs: dice.skewed(11 * SECOND_MS, 2 * MINUTE_MS) };
    case 'throttle':
      return {
        kind,
        ...call(
          dice.pick(['slb', 'slb', 'ecs']),
          dice.chance(0.5) ? dice.pick(WRITES) : null,
          dice.whole(1, 8),
          MINUTE_MS,
        ),
        status: 400,
        code: dice.pick(['Throttling.User', 'Throttling', 'Throttling.Api']),
        retryAfterMs: dice.chance(0.5) ? dice.whole(100, 20_000) : null,
      };
    case 'busy': {
      const [code, status] = dice.pick(BUSY_CODES);
      return {
        kind,
        ...call('slb', dice.pick(WRITES), dice.whole(1, 6), 2 * MINUTE_MS),
        ...refusal(status, code),
      };
    }
    case 'partial-read': {
      const [product, action] = dice.pick([
        ['slb', 'Describe'],
        ['ecs', 'Describe'],
        ['ots', 'GetRange'],
        ['ots', 'BatchGetRow'],
      ] as const);
      const [status, code] = product === 'ots' ? [503, 'OTSServerUnavailable'] : [503, 'ServiceUnavailable'];
      return { kind, ...call(product, action, dice.whole(1, 7)), ...refusal(status, code) };
    }
    case 'table-error': {
      const [code, status] = dice.pick(TABLE_CODES);
      return { kind, ...call('ots', null, dice.whole(1, 8), MINUTE_MS), ...refusal(status, code) };
    }
    case 'queue-error': {
      const [code, status] = dice.pick([
        ['InternalError', 500],
        ['QpsLimitExceeded', 400],
      ] as const);
      return { kind, ...call('mns', null, dice.whole(1, 5), 2 * MINUTE_MS), ...refusal(status, code) };
    }
    case 'api-error':
      return {
        kind,
        ...call(dice.pick(['slb', 'ecs']), null, dice.whole(1, 4), 2 * MINUTE_MS),
        ...refusal(503, dice.pick(['InternalError', 'ServiceUnavailable'])),
      };
    case 'outage':
      return { kind, atMs, untilMs: atMs + dice.whole(10 * SECOND_MS, 4 * MINUTE_MS) };
  }
}

/** Minutes mostly, hours now and then. */
function drawDelayMs(dice: Dice): number {
  return dice.chance(0.2) ? dice.whole(MINUTE_MS, 6 * HOUR_MS) : dice.whole(MINUTE_MS, 10 * MINUTE_MS);
}
