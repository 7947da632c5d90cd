import type { KeptWorld } from './kept-world.ts';
import { type Strike, WAYS, type Way } from './strikes.ts';
import type { Theatre } from './theatre.ts';

/** What every telling of a story with one strike, or with two, has come to. */
export interface Tour {
  /** Tellings to the end. */
  tellings: number;
  /** Those that did not converge or broke an invariant, in words. */
  readonly failures: Array<string>;
  /** Tellings that left a stale entry in the index of members. */
  stale: number;
}

/** Strikes at every call of the story, in every way, one telling for each. */
export async function strikeOnce(theatre: Theatre): Promise<Tour> {
  const tour: Tour = { tellings: 0, failures: [], stale: 0 };
  await strikeEverywhere(theatre, theatre.opening, tour, '');
  return tour;
}

/** Strikes at every pair of calls, the first in this way, the second in every way at whatever the first one leads to. */
export async function strikeTwice(theatre: Theatre, firstWay: Way): Promise<Tour> {
  const tour: Tour = { tellings: 0, failures: [], stale: 0 };
  for await (const { from, calls } of parts(theatre, theatre.opening)) {
    for (const first of strikesAt(calls, 1).filter(({ way }) => way === firstWay)) {
      const said = describe(calls, first);
      const told = await theatre.tell(from, [first], 'pause');
      for (const second of strikesAt(told.calls, first.call + 1)) {
        await tellToTheEnd(theatre, from, [first, second], tour, `${said}, ${describe(told.calls, second)}`);
      }
      if (told.next !== null) await strikeEverywhere(theatre, told.next, tour, `${said}, `);
    }
  }
  return tour;
}

async function strikeEverywhere(
  theatre: Theatre,
  begin: KeptWorld,
  tour: Tour,
  before: string,
): Promise<void> {
  for await (const { from, calls } of parts(theatre, begin)) {
    for (const strike of strikesAt(calls, 1)) {
      await tellToTheEnd(theatre, from, [strike], tour, `${before}${describe(calls, strike)}`);
    }
  }
}

/** The parts of the undisturbed story from there on: each from one moment at which nobody is at work to the next. */
async function* parts(theatre: Theatre, begin: KeptWorld) {
  for (let from: KeptWorld | null = begin; from !== null; ) {
    const { calls, next, faults }: Awaited<ReturnType<Theatre['tell']>> = await theatre.tell(
      from,
      [],
      'pause',
    );
    if (faults.length > 0) throw new Error(`undisturbed, and still: ${faults.join('; ')}`);
    yield { from, calls };
    from = next;
  }
}

function strikesAt(calls: ReadonlyArray<string>, first: number): ReadonlyArray<Strike> {
  return calls.flatMap((_, index) =>
    index + 1 < first ? [] : WAYS.map((way): Strike => ({ call: index + 1, way })),
  );
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

function describe(calls: ReadonlyArray<string>, { call, way }: Strike): string {
  return `${way} call ${call} of ${calls.length} (${calls[call - 1]})`;
}
