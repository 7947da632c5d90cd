import { mapBounded } from '../../../shared/concurrency.ts';
import { selectorTags } from '../../../shared/config/binding.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import { observeInstances } from '../../../shared/instances/observe.ts';
import { MissingListenerError, MissingPairGroupError } from '../../../shared/pairs/errors.ts';
import type { PairGroup, PairListener } from '../../../shared/pairs/model.ts';
import { absentIf, answerTo, listed, type Sources } from './gather.ts';
import type { Answer, PairFacts } from './model.ts';

const QUESTIONS_AT_ONCE = 4;

/** Asks what the checks of a pair look at. Never fails. */
export async function askPair(sources: Sources, pair: Pair): Promise<PairFacts> {
  const { loadBalancerId, listeners: names } = pair;
  const listeners = await answerTo(
    mapBounded(names, QUESTIONS_AT_ONCE, (name) =>
      absentIf(isMissingListener, sources.pairGroups.listener(loadBalancerId, name)),
    ),
  );
  const groupIds = listeners.isKnown ? groupsOf(listeners.value) : [];
  const groups = new Map<string, Answer<PairGroup | null>>(
    await mapBounded(groupIds, QUESTIONS_AT_ONCE, async (groupId) => [
      groupId,
      await answerTo(absentIf(isMissingGroup, sources.pairGroups.describe(groupId))),
    ]),
  );
  const standbyIds = pair.standby === null ? null : await answerTo(standbysOf(sources, pair.standby));
  const members = [...groups.values()].flatMap((group) =>
    group.isKnown && group.value !== null
      ? [group.value.members.primary.serverId, group.value.members.secondary.serverId]
      : [],
  );
  const ids = [...members, ...(standbyIds?.isKnown ? standbyIds.value : [])];
  const instances = await answerTo(observeInstances(sources.instances, ids).then(({ present }) => present));
  return { listeners, groups, standbyIds, instances };
}

function groupsOf(listeners: ReadonlyArray<PairListener | null>): ReadonlyArray<string> {
  return [...new Set(listeners.flatMap((listener) => listener?.groupId ?? []))];
}

/** Those that could be taken now, as the functions choose them. */
async function standbysOf(
  { instances, scaling }: Sources,
  { selector }: NonNullable<Pair['standby']>,
): Promise<ReadonlyArray<string>> {
  if (selector.kind === 'scaling-group') {
    const states = await scaling.instances(selector.scalingGroupId);
    return [...states]
      .filter(([, state]) => state === 'InService' || state === 'Protected')
      .map(([id]) => id);
  }
  const listing = await listed(instances, selectorTags(selector));
  return listing.instances.map(({ instanceId }) => instanceId);
}

function isMissingListener(error: unknown): boolean {
  return error instanceof MissingListenerError;
}

function isMissingGroup(error: unknown): boolean {
  return error instanceof MissingPairGroupError;
}
