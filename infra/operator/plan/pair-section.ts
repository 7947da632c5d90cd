import { listenerName, type Pair } from '../../../shared/config/pair.ts';
import { canonicalText } from '../../../shared/events/json.ts';
import {
  type ForeseeDeps,
  type ForeseenChange,
  foreseeChange,
  type Known,
} from '../../../shared/pairs/foresee.ts';
import type { PairStep } from '../../../shared/pairs/model.ts';
import type { PairGateway } from '../../../shared/pairs/ports.ts';
import { isUnderWay, type Saga } from '../../../shared/pairs/saga/model.ts';
import { trustingProber } from '../pairs/preview.ts';
import { progressOf } from '../pairs/progress.ts';
import { describeListeners, describeMembers, nameOfChange } from '../pairs/words.ts';
import type { PlanLine, PlanSection } from './model.ts';

/** What looking at a pair needs. */
export interface PairLookDeps extends ForeseeDeps {
  readonly pairGroups: PairGateway;
}

/**
 * What a pass over a pair would do to its end. Only functions in its VPC can probe its servers: from here they are taken to
 * answer, which a remark says. Throws RejectedError, TransientError.
 */
export async function pairSection(deps: PairLookDeps, pair: Pair, known: Known): Promise<PlanSection> {
  const presumed = new Set<string>();
  const foreseen = await foreseeChange({ ...deps, prober: trustingProber(presumed) }, pair, known);
  const taken = `taken for granted: ${[...presumed].join(', ')} answer the probe, which only functions can ask`;
  return {
    ...aboutPair(pair),
    lines: linesOf(deps.pairGroups, pair, known, foreseen),
    remarks: presumed.size === 0 ? [] : [taken],
    failure: null,
  };
}

/** A pair's section before anything is known. */
export function aboutPair(pair: Pair): Omit<PlanSection, 'failure'> {
  const { name, loadBalancerId } = pair;
  const place = `${loadBalancerId} ${describeListeners(pair)}`;
  return { of: 'pair', name, place, lines: [], inService: 0, strangers: 0, remarks: [] };
}

function linesOf(
  gateway: Pick<PairGateway, 'callOf'>,
  { name: subject }: Pair,
  { row }: Known,
  { saga, plan, steps }: ForeseenChange,
): ReadonlyArray<PlanLine> {
  const before = row?.saga ?? null;
  if (isUnderWay(before)) {
    const { done, total, text } = progressOf(before);
    return [{ kind: 'under-way', subject, reason: `${nameOfChange(before)}: ${done} of ${total}, ${text}` }];
  }
  if (saga === null) {
    const { held } = plan.row;
    return held === null ? [] : [{ kind: 'held', subject, by: 'pair', reason: held }];
  }
  return steps.map((step): PlanLine => {
    const { api, parameters } = gateway.callOf(step);
    const to = `${api} ${canonicalText(parameters)}`;
    const reason = `${nameOfChange(saga)}: ${saga.reason}`;
    return { kind: 'change', subject, action: 'call', from: '', to, text: textOf(step, saga), reason };
  });
}

function textOf(step: PairStep, { from }: Saga): string {
  switch (step.kind) {
    case 'create':
      return `new group ${describeMembers(step.members)}`;
    case 'point':
      return `${listenerName(step.listener)} from ${from.groupId} to it`;
    case 'delete':
      return `delete ${step.groupId}`;
  }
}
