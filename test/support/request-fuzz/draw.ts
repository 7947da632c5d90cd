import { seededRandom } from '../../../infra/local/world/random.ts';

/** Choices of one document, the same for the same seed. */
export interface Draw {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  /** One of a list that is not empty. */
  of<T>(list: ReadonlyArray<T>): T;
  /** True once in `times`. */
  oneIn(times: number): boolean;
}

/** Draws for a document by its number, so that each can be made again without those before it. */
export function drawFor(seed: number, number: number): Draw {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const below = (count: number) => Math.floor(random() * count);
  return {
    below,
    of: (list) => list[below(list.length)] as (typeof list)[number],
    oneIn: (times) => below(times) === 0,
  };
}
