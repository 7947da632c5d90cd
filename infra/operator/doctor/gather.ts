import { mapBounded } from '../../../shared/concurrency.ts';
import { type BackendType, selectorTags } from '../../../shared/config/binding.ts';
import { isUnknownGroupId } from '../../../shared/config/group.ts';
import type { Config } from '../../../shared/config/load.ts';
import { scalingGroupIdsOf } from '../../../shared/config/scaling.ts';
import { describeError, RejectedError } from '../../../shared/errors.ts';
import type { InstanceGateway } from '../../../shared/instances/ports.ts';
import type { LoadBalancerGateway } from '../../../shared/load-balancers/ports.ts';
import type { PairGateway } from '../../../shared/pairs/ports.ts';
import type { ScalingGateway } from '../../../shared/scaling/ports.ts';
import { MissingGroupError } from '../../../shared/server-groups/errors.ts';
import type { ServerGroupGateway } from '../../../shared/server-groups/ports.ts';
import { askPair } from './gather-pair.ts';
import type { Answer, Facts, ScalingGroupAnswers, ScalingGroupFacts, TableFacts } from './model.ts';

/** Whom doctor asks. Only reads. */
export interface Sources {
  readonly loadBalancers: Pick<LoadBalancerGateway, 'describe'>;
  readonly groups: Pick<ServerGroupGateway, 'describe'>;
  readonly pairGroups: Pick<PairGateway, 'listener' | 'describe'>;
  readonly instances: Pick<InstanceGateway, 'describe' | 'list' | 'provePermission'>;
  readonly scaling: Pick<ScalingGateway, 'hooks' | 'instances'>;
  /** `null` = there is none with this id. */
  scalingGroup(scalingGroupId: string): Promise<ScalingGroupFacts | null>;
  tables(): Promise<ReadonlyArray<TableFacts>>;
}

const QUESTIONS_AT_ONCE = 4;

/**
 * Asks everything that the checks look at. Never fails: a question without an answer is a fact, too. `areFunctionsInVpc` as in
 * the facts.
 */
export async function gather(
  config: Config,
  accountId: string,
  sources: Sources,
  areFunctionsInVpc: boolean | null = null,
): Promise<Facts> {
  const { bindings, pairs, scaling } = config;
  const byTags = bindings.filter(({ selector }) => selector.kind === 'tags');
  return {
    config,
    accountId,
    loadBalancers: await each(
      [...bindings, ...pairs].map(({ loadBalancerId }) => loadBalancerId),
      (id) => answerTo(absentIf(isMissingLoadBalancer, sources.loadBalancers.describe(id))),
    ),
    groupOwners: await each(
      bindings.map(({ vServerGroupId }) => vServerGroupId).filter((id) => !isUnknownGroupId(id)),
      (id) => answerTo(absentIf(isMissingGroup, ownerOf(sources, id))),
    ),
    scalingGroups: await each(scalingGroupIdsOf(bindings, scaling), (id) => askScalingGroup(sources, id)),
    listings: new Map(
      await mapBounded(byTags, QUESTIONS_AT_ONCE, async ({ name, selector, type }) => [
        name,
        await answerTo(listed(sources.instances, selectorTags(selector), type)),
      ]),
    ),
    pairs: new Map(
      await mapBounded(pairs, QUESTIONS_AT_ONCE, async (pair) => [pair.name, await askPair(sources, pair)]),
    ),
    areFunctionsInVpc,
    tables: await answerTo(sources.tables()),
  };
}

async function askScalingGroup(sources: Sources, scalingGroupId: string): Promise<ScalingGroupAnswers> {
  const group = await answerTo(sources.scalingGroup(scalingGroupId));
  const [hooks, instances] = await Promise.all([
    answerTo(sources.scaling.hooks(scalingGroupId)),
    answerTo(sources.scaling.instances(scalingGroupId)),
  ]);
  return { group, hooks, instances };
}

async function ownerOf({ groups }: Sources, vServerGroupId: string): Promise<string> {
  return (await groups.describe(vServerGroupId)).loadBalancerId;
}

/** An empty listing is believed once it is certain that this key may list. */
export async function listed(
  instances: Sources['instances'],
  tags: Parameters<InstanceGateway['list']>[0],
  type: BackendType = 'ecs',
): ReturnType<InstanceGateway['list']> {
  const listing = await instances.list(tags, type);
  if (listing.instances.length === 0) await instances.provePermission(type);
  return listing;
}

function isMissingLoadBalancer(error: unknown): boolean {
  return error instanceof RejectedError && error.origin.code === 'InvalidLoadBalancerId.NotFound';
}

function isMissingGroup(error: unknown): boolean {
  return error instanceof MissingGroupError;
}

/** `null` where the refusal says that there is no such thing. */
export async function absentIf<T>(
  isMissing: (error: unknown) => boolean,
  asked: Promise<T>,
): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The answer, or why there is none. */
export async function answerTo<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { isKnown: true, value: await asked };
  } catch (error) {
    return { isKnown: false, reason: describeError(error) };
  }
}

async function each<T>(
  ids: ReadonlyArray<string>,
  ask: (id: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const asked = await mapBounded(
    [...new Set(ids)],
    QUESTIONS_AT_ONCE,
    async (id) => [id, await ask(id)] as const,
  );
  return new Map(asked);
}
