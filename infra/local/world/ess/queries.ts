import type { Ecs } from '../ecs/ecs.ts';
import {
  ACTIVITY_STATUSES,
  LIFECYCLE_STATES,
  type LifecycleAction,
  type ScalingActivity,
  type ScalingInstance,
} from './model.ts';
import { type Page, type PageQuery, pageOf } from './paging.ts';
import { essRefusals } from './refusals.ts';
import type { EssState } from './state.ts';

/** What DescribeScalingInstances selects; a field left out does not filter. */
export interface ScalingInstanceQuery extends PageQuery {
  readonly scalingGroupId?: string | undefined;
  /** Ids that are in no group are left out of the answer. */
  readonly instanceIds?: ReadonlyArray<string> | undefined;
  readonly lifecycleStates?: ReadonlyArray<string> | undefined;
  /** `Healthy` or `Unhealthy`. */
  readonly healthStatus?: string | undefined;
  readonly creationTypes?: ReadonlyArray<string> | undefined;
  /** The activity that brought them in. */
  readonly scalingActivityId?: string | undefined;
}

/** An instance of a group with what ECS knows of it. */
export interface DescribedInstance extends ScalingInstance {
  readonly healthStatus: 'Healthy' | 'Unhealthy';
  /** Empty once ECS does not know the instance any more. */
  readonly privateIpAddress: string;
  /** Empty once ECS does not know the instance any more. */
  readonly zoneId: string;
}

/** What DescribeScalingActivities selects; a field left out does not filter. */
export interface ScalingActivityQuery extends PageQuery {
  readonly scalingGroupId?: string | undefined;
  readonly scalingActivityIds?: ReadonlyArray<string> | undefined;
  /** One of `ACTIVITY_STATUSES`. */
  readonly statusCode?: string | undefined;
}

/** What DescribeLifecycleActions selects. */
export interface LifecycleActionQuery {
  readonly scalingActivityId: string;
  /** `Pending`, `Timeout` or `Completed`. */
  readonly lifecycleActionStatus?: string | undefined;
  /** 1–50, default 10. */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of DescribeLifecycleActions. */
export interface LifecycleActionPage {
  readonly actions: ReadonlyArray<LifecycleAction>;
  readonly totalCount: number;
  readonly maxResults: number;
  /** Empty at the end. */
  readonly nextToken: string;
}

/** The calls that only look. */
export interface Queries {
  /** In order of joining; at most 100 on a page. Throws `InvalidScalingGroupId.NotFound`. */
  describeScalingInstances(query: ScalingInstanceQuery): Page<DescribedInstance>;
  /** The latest first; at most 50 on a page. Throws `InvalidScalingGroupId.NotFound`. */
  describeScalingActivities(query: ScalingActivityQuery): Page<ScalingActivity>;
  /** Of an activity that does not exist there are none. Throws `InvalidParameter` for a status that there is not. */
  describeLifecycleActions(query: LifecycleActionQuery): LifecycleActionPage;
}

const INSTANCES_PER_PAGE_MAX = 100;
const ACTIVITIES_PER_PAGE_MAX = 50;
const ACTIONS_PER_PAGE_MAX = 50;
const ACTION_STATUSES = ['Pending', 'Timeout', 'Completed'];

/** The queries over the state. */
export function createQueries({
  ecs,
  state,
}: {
  readonly ecs: Pick<Ecs, 'find'>;
  readonly state: EssState;
}): Queries {
  const described = (member: ScalingInstance): DescribedInstance => {
    const instance = ecs.find(member.instanceId);
    return {
      ...member,
      healthStatus: member.unhealthySinceMs === null ? 'Healthy' : 'Unhealthy',
      privateIpAddress: instance?.privateIpAddress ?? '',
      zoneId: instance?.zoneId ?? '',
    };
  };
  return {
    describeScalingInstances(query) {
      const { scalingGroupId, instanceIds, lifecycleStates, healthStatus, creationTypes } = query;
      if (scalingGroupId !== undefined) state.group(scalingGroupId);
      requireOneOf('LifecycleState', LIFECYCLE_STATES, lifecycleStates ?? []);
      const selected = [...state.instances.values()]
        .map(described)
        .filter(
          (member) =>
            (scalingGroupId === undefined || member.scalingGroupId === scalingGroupId) &&
            (instanceIds === undefined || instanceIds.includes(member.instanceId)) &&
            (lifecycleStates === undefined || lifecycleStates.includes(member.lifecycleState)) &&
            (healthStatus === undefined || healthStatus === member.healthStatus) &&
            (creationTypes === undefined || creationTypes.includes(member.creationType)) &&
            (query.scalingActivityId === undefined || query.scalingActivityId === member.scalingActivityId),
        );
      return pageOf(selected, query, INSTANCES_PER_PAGE_MAX);
    },
    describeScalingActivities(query) {
      const { scalingGroupId, scalingActivityIds, statusCode } = query;
      if (scalingGroupId !== undefined) state.group(scalingGroupId);
      requireOneOf('StatusCode', ACTIVITY_STATUSES, statusCode === undefined ? [] : [statusCode]);
      const selected = [...state.activities.values()]
        .filter(
          (activity) =>
            (scalingGroupId === undefined || activity.scalingGroupId === scalingGroupId) &&
            (scalingActivityIds === undefined || scalingActivityIds.includes(activity.scalingActivityId)) &&
            (statusCode === undefined || activity.statusCode === statusCode),
        )
        .sort((a, b) => b.sequence - a.sequence);
      return pageOf(selected, query, ACTIVITIES_PER_PAGE_MAX);
    },
    describeLifecycleActions({ scalingActivityId, lifecycleActionStatus, maxResults = 10, nextToken }) {
      if (maxResults < 1 || maxResults > ACTIONS_PER_PAGE_MAX)
        throw essRefusals.invalidParameter('MaxResults');
      requireOneOf(
        'LifecycleActionStatus',
        ACTION_STATUSES,
        lifecycleActionStatus === undefined ? [] : [lifecycleActionStatus],
      );
      const selected = state
        .actionsOf(scalingActivityId)
        .filter(({ status }) => lifecycleActionStatus === undefined || status === lifecycleActionStatus);
      const from = nextToken === undefined ? 0 : readToken(nextToken);
      const actions = selected.slice(from, from + maxResults);
      const next = from + actions.length;
      return {
        actions,
        totalCount: selected.length,
        maxResults,
        nextToken: next < selected.length ? writeToken(next) : '',
      };
    },
  };
}

function requireOneOf(name: string, known: ReadonlyArray<string>, given: ReadonlyArray<string>): void {
  if (given.some((value) => !known.includes(value))) throw essRefusals.invalidParameter(name);
}

function writeToken(from: number): string {
  return Buffer.from(`from:${from}`).toString('hex');
}

function readToken(token: string): number {
  const [, from] = /^from:(\d{1,9})$/.exec(Buffer.from(token, 'hex').toString()) ?? [];
  if (from === undefined) throw essRefusals.invalidParameter('NextToken');
  return Number(from);
}
