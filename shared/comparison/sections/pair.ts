import { listenerName, type Pair } from '../../config/pair.ts';
import { canonicalText } from '../../events/json.ts';
import type { ForeseenChange, Known } from '../../pairs/foresee.ts';
import type { PairStep } from '../../pairs/model.ts';
import type { PairGateway } from '../../pairs/ports.ts';
import { progressOf } from '../../pairs/progress.ts';
import { isUnderWay, type Saga } from '../../pairs/saga/model.ts';
import { describeListeners, describeMembers, nameOfChange } from '../../pairs/words.ts';
import type { PlanLine, PlanSection } from './model.ts';

/** What a look at a pair has shown, as a section. */
export function pairSection(
  gateway: Pick<PairGateway, 'callOf'>,
  pair: Pair,
  known: Known,
  foreseen: ForeseenChange,
): PlanSection {
  return { ...aboutPair(pair), lines: linesOf(gateway, pair, known, foreseen), failure: null };
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
  const { held } = plan.row;
  const holds: ReadonlyArray<PlanLine> =
    held === null || saga !== null ? [] : [{ kind: 'held', subject, by: 'pair', reason: held }];
  const calls = steps.map((step): PlanLine => {
    const { api, parameters } = gateway.callOf(step);
    const to = `${api} ${canonicalText(parameters)}`;
    return {
      kind: 'change',
      subject,
      action: 'call',
      from: '',
      to,
      text: textOf(step, saga),
      reason: whyOf(step, saga),
    };
  });
  return [...holds, ...calls];
}

function textOf(step: PairStep, saga: Saga | null): string {
  switch (step.kind) {
    case 'create':
      return `new group ${describeMembers(step.members)}`;
    case 'point':
      return `${listenerName(step.listener)} ${cameFrom(step, saga)}to it`;
    case 'release':
      return `${listenerName(step.listener)} back`;
    case 'delete':
      return `delete ${step.groupId}`;
    case 'tag':
      return `tag ${step.tags.map(({ key }) => key).join(', ')}`;
    case 'untag':
      return `untag ${step.keys.join(', ')}`;
  }
}

/** `from rsp-… `; `''` = it comes from the default group. */
function cameFrom({ listener }: Extract<PairStep, { kind: 'point' }>, saga: Saga | null): string {
  const left =
    saga?.from?.groupId ??
    saga?.listeners.find((each) => listenerName(each) === listenerName(listener))?.vServerGroupId ??
    null;
  return left === null ? '' : `from ${left} `;
}

function whyOf({ kind }: PairStep, saga: Saga | null): string {
  if (saga !== null) return `${nameOfChange(saga)}: ${saga.reason}`;
  if (kind === 'delete') return 'an earlier change has left it over';
  return kind === 'untag' ? 'it is declared no more' : 'it is declared';
}
