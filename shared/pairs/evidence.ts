import type { PairListenerName } from '../config/pair.ts';
import type { Tag } from '../config/tags.ts';
import type { PairListener, PairObservation, PairStep } from './model.ts';
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
      const { groupId: target, listener } = step;
      return {
        ...seen,
        listeners: withTarget(seen.listeners, listener, { groupId: target, vServerGroupId: null }),
      };
    }
    case 'release': {
      const { vServerGroupId } = step;
      return {
        ...seen,
        listeners: withTarget(seen.listeners, step.listener, { groupId: null, vServerGroupId }),
      };
    }
    case 'tag':
      return withTags(seen, step.groupId, (tags) => [
        ...tags.filter(({ key }) => !step.tags.some((tag) => tag.key === key)),
        ...step.tags,
      ]);
    case 'untag':
      return withTags(seen, step.groupId, (tags) => tags.filter(({ key }) => !step.keys.includes(key)));
    case 'delete':
      return { ...seen, groups: seen.groups.filter((group) => group.groupId !== step.groupId) };
  }
}

function withTarget(
  listeners: ReadonlyArray<PairListener>,
  { protocol, port }: PairListenerName,
  target: Pick<PairListener, 'groupId' | 'vServerGroupId'>,
): ReadonlyArray<PairListener> {
  const isIt = (each: PairListener) => each.protocol === protocol && each.port === port;
  return listeners.map((each) => (isIt(each) ? { ...each, ...target } : each));
}

function withTags(
  seen: PairObservation,
  groupId: string,
  change: (tags: ReadonlyArray<Tag>) => ReadonlyArray<Tag>,
): PairObservation {
  const groups = seen.groups.map((group) =>
    group.groupId === groupId ? { ...group, tags: change(group.tags) } : group,
  );
  const group = seen.described.get(groupId);
  if (group === undefined) return { ...seen, groups };
  const described = new Map(seen.described).set(groupId, { ...group, tags: change(group.tags) });
  return { ...seen, groups, described };
}
