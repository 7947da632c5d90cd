import type { PairObservation, PairStep } from './model.ts';
import type { PairAnswer } from './ports.ts';

/** What is known once a step was answered, until it is read. */
export function withAnswer(
  seen: PairObservation,
  step: PairStep,
  { groupId }: Pick<PairAnswer, 'groupId'>,
): PairObservation {
  switch (step.kind) {
    case 'create': {
      if (groupId === null) return seen;
      const { name, tags, members, loadBalancerId } = step;
      const described = new Map(seen.described).set(groupId, {
        groupId,
        name,
        tags,
        members,
        loadBalancerId,
      });
      return { ...seen, groups: [...seen.groups, { groupId, name, tags }], described };
    }
    case 'point': {
      const isIt = ({ protocol, port }: { protocol: string; port: number }) =>
        protocol === step.listener.protocol && port === step.listener.port;
      return {
        ...seen,
        listeners: seen.listeners.map((each) => (isIt(each) ? { ...each, groupId: step.groupId } : each)),
      };
    }
    case 'delete':
      return { ...seen, groups: seen.groups.filter((group) => group.groupId !== step.groupId) };
  }
}
