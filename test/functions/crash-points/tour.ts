import type { KeptWorld } from './kept-world.ts';
import { type Strike, WAYS, type Way } from './strikes.ts';
import type { Telling, Theatre } from './theatre.ts';

/** What every telling of a story with one strike, or with two, has come to. */
export interface Tour {
  /** Tellings to the end. */
  tellings: number;
  /** Those that did not converge or broke an invariant, in words. */
  readonly failures: Array<string>;
  /** Tellings that left a stale entry in the index of members. */
  stale: number;
}

/** Which strikes at the calls of a part are told, from the call of that number on. */
type Choose = (told: Calls, first: number) => ReadonlyArray<Strike>;
type Calls = Pick<Telling, 'calls' | 'turns'>;

/**
 * Strikes at every call of the story, in every way, one telling for each. With `share` of n it is every n-th call in each way,
 * and another one in each.
 */
export async function strikeOnce(theatre: Theatre, share = 1): Promise<Tour> {
  const tour: Tour = { tellings: 0, failures: [], stale: 0 };
  const isOne = ({ way, call }: Strike) => (call + WAYS.indexOf(way)) % share === 0;
  await strikeEverywhere(theatre, theatre.opening, tour, '', (told, first) =>
    everyStrike(told, first).filter(isOne),
  );
  return tour;
}

/**
 * Strikes at every pair of calls, the first in this way, the second in every way at whatever the first one leads to. With
 * `share` of n the first calls are those whose turn it is of n: over the ways each call has its turn once.
 */
export async function strikeTwice(theatre: Theatre, firstWay: Way, share = 1): Promise<Tour> {
  const isFirst = ({ way, call }: Strike) => way === firstWay && (call + WAYS.indexOf(way)) % share === 0;
  return await strikeAtPairs(theatre, (told, first) => everyStrike(told, first).filter(isFirst), everyStrike);
}

/** Has two workers die, at every pair of points that differ. */
export async function dieTwice(theatre: Theatre): Promise<Tour> {
  return await strikeAtPairs(theatre, everyDeath, everyDeath);
}

async function strikeAtPairs(theatre: Theatre, firsts: Choose, seconds: Choose): Promise<Tour> {
  const tour: Tour = { tellings: 0, failures: [], stale: 0 };
  for await (const { from, told: undisturbed } of parts(theatre, theatre.opening)) {
    for (const first of firsts(undisturbed, 1)) {
      const said = describe(undisturbed, first);
      const told = await theatre.tell(from, [first], 'pause');
      for (const second of seconds(told, first.call + 1)) {
        await tellToTheEnd(theatre, from, [first, second], tour, `${said}, ${describe(told, second)}`);
      }
      if (told.next !== null) await strikeEverywhere(theatre, told.next, tour, `${said}, `, seconds);
    }
  }
  return tour;
}

async function strikeEverywhere(
  theatre: Theatre,
  begin: KeptWorld,
  tour: Tour,
  before: string,
  strikes: Choose,
): Promise<void> {
  for await (const { from, told } of parts(theatre, begin)) {
    for (const strike of strikes(told, 1)) {
      await tellToTheEnd(theatre, from, [strike], tour, `${before}${describe(told, strike)}`);
    }
  }
}

/** The parts of the undisturbed story from there on: each from one moment at which nobody is at work to the next. */
async function* parts(theatre: Theatre, begin: KeptWorld) {
  for (let from: KeptWorld | null = begin; from !== null; ) {
    const told: Telling = await theatre.tell(from, [], 'pause');
    if (told.faults.length > 0) throw new Error(`undisturbed, and still: ${told.faults.join('; ')}`);
    yield { from, told };
    from = told.next;
  }
}

function everyStrike({ calls }: Calls, first: number): ReadonlyArray<Strike> {
  return calls.flatMap((_, index) =>
    index + 1 < first ? [] : WAYS.map((way): Strike => ({ call: index + 1, way })),
  );
}

/**
 * Deaths that lead to different worlds. Of reads that one worker sends at one instant, dying before the first is dying before
 * each; and who dies after a read, or long after a write, dies before whatever call comes next.
 */
function everyDeath({ turns }: Calls, first: number): ReadonlyArray<Strike> {
  return turns.flatMap(({ worker, atMs, isRead }, index) => {
    if (index + 1 < first) return [];
    const before = turns[index - 1];
    const isAlike = before?.isRead === true && before.worker === worker && before.atMs === atMs;
    return [
      ...(isAlike ? [] : [{ call: index + 1, way: 'before' } as const]),
      ...(isRead ? [] : [{ call: index + 1, way: 'after' } as const]),
    ];
  });
}

async function tellToTheEnd(
  theatre: Theatre,
  from: KeptWorld,
  strikes: ReadonlyArray<Strike>,
  tour: Tour,
  said: string,
): Promise<void> {
  const { faults, staleEntries } = await theatre.tell(from, strikes, 'end');
  tour.tellings++;
  if (staleEntries > 0) tour.stale++;
  if (faults.length > 0) tour.failures.push(`${said}: ${faults.join('; ')}`);
}

function describe({ calls }: Calls, { call, way }: Strike): string {
  return `${way} call ${call} of ${calls.length} (${calls[call - 1]})`;
}
