import type { Binding } from '../../../../shared/config/binding.ts';
import type { Pair } from '../../../../shared/config/pair.ts';
import type { Happening } from '../day.ts';
import type { Dice } from '../dice.ts';
import type { DayChange, RequestHappening } from '../request.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** By then there is something to ask about. */
const EARLIEST_MS = 3 * MINUTE_MS;
/** Nothing that a request asks for stands for longer. */
const LONGEST_MS = 5 * MINUTE_MS;
const REQUESTS_MIN = 2;
const REQUESTS_MAX = 8;

/**
 * What people and pipelines ask for in the course of a day, of instances that the day has started by then: most of it makes
 * sense, some of it is about somebody else's instances, comes too late, or comes several times. Whatever has no end of its
 * own is taken back by another request.
 */
export function drawRequests(
  dice: Dice,
  { bindings, pairs }: { readonly bindings: ReadonlyArray<Binding>; readonly pairs: ReadonlyArray<Pair> },
  happenings: ReadonlyArray<Happening>,
  endsAtMs: number,
): ReadonlyArray<RequestHappening> {
  const requests: Array<RequestHappening> = [];
  const add = (atMs: number, change: DayChange) => {
    requests.push({
      atMs,
      kind: 'request',
      requestId: `sim-${requests.length + 1}`,
      change,
      isDryRun: dice.chance(0.1),
      notAfterMs: dice.chance(0.3) ? dice.skewed(SECOND_MS, 3 * MINUTE_MS) : null,
      copies: dice.chance(0.3) ? dice.whole(2, 4) : 1,
    });
  };
  for (let left = dice.whole(REQUESTS_MIN, REQUESTS_MAX); left > 0; left--) {
    const atMs = dice.whole(EARLIEST_MS, endsAtMs);
    if (pairs.length > 0 && dice.chance(0.25)) {
      add(atMs, changeOfPair(dice, dice.pick(pairs).name));
      continue;
    }
    const names = namesUntil(happenings, atMs);
    if (bindings.length === 0 || names.length === 0) continue;
    const { name: binding } = dice.pick(bindings);
    const about = { binding, names: dice.some(names, dice.whole(1, Math.min(4, names.length))) };
    const kind = dice.pick(KINDS);
    const forMs = dice.skewed(10 * SECOND_MS, LONGEST_MS);
    if (kind === 'remove') {
      add(atMs, { kind, ...about });
      add(atMs + forMs, { kind: 'release-override', ...about });
    } else if (kind === 'set-weight')
      add(atMs, { kind, ...about, percent: dice.pick([0, 1, 20, 50]), forMs });
    else {
      add(atMs, { kind, ...about, forMs });
      if (dice.chance(0.25)) add(atMs + dice.whole(0, forMs), { kind: 'release-override', ...about });
    }
  }
  return requests;
}

const KINDS = ['drain', 'drain', 'join', 'set-weight', 'set-weight', 'remove'] as const;

function changeOfPair(dice: Dice, pair: string): DayChange {
  const kind = dice.pick(['promote', 'promote', 'pause', 'resume'] as const);
  return kind === 'pause' ? { kind, pair, forMs: dice.skewed(10 * SECOND_MS, LONGEST_MS) } : { kind, pair };
}

/** The instances that the day has started by then, whatever has become of them. */
function namesUntil(happenings: ReadonlyArray<Happening>, untilMs: number): ReadonlyArray<string> {
  return happenings.flatMap((happening) =>
    happening.kind === 'start' && happening.atMs < untilMs ? happening.names : [],
  );
}
