import type { PairInput } from './model.ts';

/** What a decision was made from, as the audit keeps it: plain JSON, from which `inputOf` makes the input again. */
export interface RecordedPairInput {
  readonly pairInput: Readonly<Record<string, unknown>>;
}

/** What the audit keeps of a plan's input. Small: two servers, a few listeners, the standbys. */
export function recordedSituation(input: PairInput): RecordedPairInput & Readonly<Record<string, unknown>> {
  const {
    pair,
    otherUsers,
    described,
    instances,
    asked,
    systemEvents,
    takenIds,
    answers,
    presumed,
    ...plain
  } = input;
  return {
    pairInput: {
      ...plain,
      pair: { ...pair, promoteOn: [...pair.promoteOn] },
      otherUsers: [...otherUsers],
      described: [...described],
      instances: [...instances],
      asked: [...asked],
      systemEvents: systemEvents === null ? null : [...systemEvents],
      takenIds: [...takenIds],
      answers: [...answers],
      presumed: [...presumed],
    },
  };
}

/** The input of a recorded decision, to be planned with again. */
export function inputOf({ pairInput }: RecordedPairInput): PairInput {
  const stored = pairInput as unknown as StoredInput;
  return {
    ...stored,
    // Entries of 0.6.0 and before have neither.
    place: stored.place ?? null,
    pair: { ...stored.pair, group: stored.pair.group ?? null, promoteOn: new Set(stored.pair.promoteOn) },
    otherUsers: new Map(stored.otherUsers),
    described: new Map(stored.described),
    instances: new Map(stored.instances),
    asked: new Set(stored.asked),
    systemEvents: stored.systemEvents === null ? null : new Map(stored.systemEvents),
    takenIds: new Set(stored.takenIds),
    answers: new Map(stored.answers),
    presumed: new Set(stored.presumed),
  };
}

type MapsAsLists<T> = {
  readonly [K in keyof T]: T[K] extends ReadonlyMap<infer Key, infer Value> | null
    ? ReadonlyArray<readonly [Key, Value]> | (null extends T[K] ? null : never)
    : T[K] extends ReadonlySet<infer Item>
      ? ReadonlyArray<Item>
      : T[K];
};

type StoredInput = MapsAsLists<Omit<PairInput, 'pair'>> & {
  readonly pair: Omit<PairInput['pair'], 'promoteOn'> & {
    readonly promoteOn: ReadonlyArray<
      PairInput['pair']['promoteOn'] extends ReadonlySet<infer T> ? T : never
    >;
  };
};
