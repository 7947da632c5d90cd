import { mapBounded } from '../concurrency.ts';
import type { Pair } from '../config/pair.ts';
import type { ProbeResult } from '../readiness/model.ts';
import type { Prober } from '../readiness/ports.ts';
import { type PairQuestion, probeKey } from './model.ts';

/** All that a turn asks: a few that hang must not cost a pass its time. */
const PROBES_AT_ONCE = 20;

/** Asks instances what a plan wants to know, all at once, and enters what they say into `answers`. */
export async function askAll(
  prober: Prober,
  { probe: { probe } }: Pick<Pair, 'probe'>,
  questions: ReadonlyArray<PairQuestion>,
  answers: Map<string, ProbeResult>,
): Promise<void> {
  await mapBounded(questions, PROBES_AT_ONCE, async (question) => {
    answers.set(probeKey(question), await prober.probe(question.privateIp, question.port, probe));
  });
}
