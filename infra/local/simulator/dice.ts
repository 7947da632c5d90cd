import { type Random, seededRandom } from '../world/random.ts';

/** Seeded chance with the questions that a simulator asks. */
export class Dice {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** One of the items; there must be one. */
  pick<T>(items: ReadonlyArray<T>): T {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** Up to `count` different items. */
  some<T>(items: ReadonlyArray<T>, count: number): Array<T> {
    const left = [...items];
    const taken: Array<T> = [];
    while (taken.length < count && left.length > 0) {
      taken.push(...left.splice(Math.floor(this.random() * left.length), 1));
    }
    return taken;
  }

  /** Mostly near `from`, now and then near `to`, as waits on a network are. */
  skewed(from: number, to: number): number {
    const share = this.random();
    return Math.round(from + (to - from) * share * share * share);
  }

  /** Dice of their own, so that one part of a day does not shift with the rolls of another. */
  fork(): Dice {
    return new Dice(Math.floor(this.random() * 4_294_967_296));
  }
}
