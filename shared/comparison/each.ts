import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Comparison } from './model.ts';
import type { PlanSection } from './sections/model.ts';

/** What comparing one after the other needs. */
export interface EachDeps {
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly logger: Logger;
}

/** One kind of things that are compared, each with a lane of its own. */
export interface Compared<Item> {
  laneIdOf(item: Item): string;
  /** What stands for it in reports. */
  nameOf(item: Item): string;
  /** What stands for it in the log. */
  labelsOf(item: Item): Readonly<Record<string, string>>;
  /** Its sections before anything is known. */
  about(item: Item): ReadonlyArray<PlanSection>;
  /** What is said of one that is left to whoever works on it. */
  readonly leftToOthers: string;
  /** Looks at it, and tells its lane if that has work; `null` = it is left to others. Complete or an error. */
  look(item: Item): Promise<Looked | null>;
}

/** What a look has shown. */
export interface Looked {
  readonly hasWork: boolean;
  /** Why a part of it is not known; `null` = all is. */
  readonly failure: string | null;
  readonly sections: ReadonlyArray<PlanSection>;
}

const AT_ONCE = 4;
/** Why something was not looked at. */
export const NO_TIME_LEFT = 'no time left in this round';

/** Compares each of them while there is time; one failure never fails the others. */
export async function compareEach<Item>(
  { ownClock, logger }: EachDeps,
  items: ReadonlyArray<Item>,
  deadlineMs: number,
  compared: Compared<Item>,
): Promise<Comparison> {
  const seen = await mapBounded(items, AT_ONCE, async (item) => {
    if (ownClock.nowMs() >= deadlineMs) return failed(item, NO_TIME_LEFT);
    try {
      const look = await compared.look(item);
      if (look !== null) return { item, kind: look.hasWork ? 'different' : 'same', ...look } as const;
      const remarks = [compared.leftToOthers];
      const sections = compared.about(item).map((section) => ({ ...section, remarks }));
      return { item, kind: 'held', failure: null, sections } as const;
    } catch (error) {
      logger.warn(compared.labelsOf(item), `not compared: ${describeError(error)}`);
      return failed(item, describeError(error));
    }
  });
  const of = (...kinds: ReadonlyArray<string>) =>
    seen.filter(({ kind }) => kinds.includes(kind)).map(({ item }) => item);
  return {
    report: {
      compared: of('same', 'different').map(compared.nameOf),
      held: of('held').map(compared.nameOf),
      different: of('different').map(compared.laneIdOf),
      failed: Object.fromEntries(
        seen.flatMap(({ item, failure }) => (failure === null ? [] : [[compared.nameOf(item), failure]])),
      ),
    },
    sections: seen.flatMap(({ item, sections }) =>
      sections.map((section) => ({ ...section, laneId: compared.laneIdOf(item) })),
    ),
  };

  function failed(item: Item, failure: string) {
    const sections = compared.about(item).map((section) => ({ ...section, failure }));
    return { item, kind: 'failed', failure, sections } as const;
  }
}
