import type { Day, Happening } from '../day.ts';
import type { InvariantName, Violation } from '../invariants/invariant.ts';
import { readMemberName } from '../scaling-group.ts';

/** A day that broke an invariant, with what of it is enough to break it. */
export interface BrokenDay {
  readonly seed: number;
  readonly violation: Violation;
  /** The smallest day that was found to break the same invariant; may be the day as drawn. */
  readonly day: Day;
  /** Happenings and faults of the day as it was drawn. */
  readonly drawn: { readonly happenings: number; readonly faults: number };
}

/** Plays a day; what it breaks, `null` = nothing. */
export type Breaks = (day: Day) => Promise<Violation | null>;

/** Days played at most while shrinking one. */
const PLAYS_MAX = 150;

/**
 * Takes faults, then happenings, then whole instances out of a day, halves first, as long as the same invariant breaks.
 * Bounded: what is left may not be the least.
 */
export async function shrink(
  day: Day,
  violation: Violation,
  breaks: Breaks,
  playsMax: number = PLAYS_MAX,
): Promise<BrokenDay> {
  const shrinking = new Shrinking(day, violation, breaks, playsMax);
  await shrinking.run();
  return {
    seed: day.seed,
    violation: shrinking.violation,
    day: shrinking.day,
    drawn: { happenings: day.happenings.length, faults: day.faults.length },
  };
}

class Shrinking {
  day: Day;
  violation: Violation;
  readonly #invariant: InvariantName;
  readonly #breaks: Breaks;
  #playsLeft: number;

  constructor(day: Day, violation: Violation, breaks: Breaks, playsMax: number) {
    this.day = day;
    this.violation = violation;
    this.#invariant = violation.invariant;
    this.#breaks = breaks;
    this.#playsLeft = playsMax;
  }

  async run(): Promise<void> {
    // What was to come after it broke cannot matter.
    const isBefore = ({ atMs }: { readonly atMs: number }) => atMs <= this.violation.atMs;
    await this.#try({
      ...this.day,
      happenings: this.day.happenings.filter(isBefore),
      faults: this.day.faults.filter(isBefore),
    });
    await this.#try({ ...this.day, clocksApartMs: 0 });
    await this.#without(this.day.faults, (faults) => ({ ...this.day, faults }));
    await this.#without(this.day.happenings.filter(isLater), (later) => {
      const kept = new Set<Happening>(later);
      return {
        ...this.day,
        happenings: this.day.happenings.filter((happening) => !isLater(happening) || kept.has(happening)),
      };
    });
    const names = this.day.happenings.flatMap((happening) =>
      happening.kind === 'start' ? happening.names : [],
    );
    await this.#without(names, (kept) => ({ ...this.day, happenings: onlyOf(this.day.happenings, kept) }));
  }

  /** Takes items out, many at once and then fewer, as long as the day without them breaks too. */
  async #without<T>(items: ReadonlyArray<T>, dayWith: (kept: ReadonlyArray<T>) => Day): Promise<void> {
    let kept = items;
    for (
      let size = Math.ceil(kept.length / 2);
      size >= 1 && this.#playsLeft > 0;
      size = Math.floor(size / 2)
    ) {
      for (let from = 0; from < kept.length && this.#playsLeft > 0; ) {
        const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
        if (await this.#try(dayWith(fewer))) kept = fewer;
        else from += size;
      }
    }
  }

  async #try(day: Day): Promise<boolean> {
    if (this.#playsLeft <= 0) return false;
    this.#playsLeft--;
    const found = await this.#breaks(day);
    if (found?.invariant !== this.#invariant) return false;
    this.day = day;
    this.violation = found;
    return true;
  }
}

function isLater(happening: Happening): boolean {
  return happening.kind !== 'start';
}

function onlyOf(
  happenings: ReadonlyArray<Happening>,
  names: ReadonlyArray<string>,
): ReadonlyArray<Happening> {
  const kept = new Set(names);
  return happenings.flatMap((happening): ReadonlyArray<Happening> => {
    if (happening.kind !== 'start') {
      const isGone =
        'name' in happening && readMemberName(happening.name) === null && !kept.has(happening.name);
      return isGone ? [] : [happening];
    }
    const left = happening.names.filter((name) => kept.has(name));
    return left.length === 0 ? [] : [{ ...happening, names: left }];
  });
}
