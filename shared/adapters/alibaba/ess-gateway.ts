import * as z from 'zod';
import { chunksOf } from '../../collections.ts';
import { RejectedError, TransientError } from '../../errors.ts';
import { parseEventTime } from '../../events/times.ts';
import type { LifecycleState } from '../../instances/model.ts';
import { HeartbeatLimitError, HookEndedError, MissingScalingGroupError } from '../../scaling/errors.ts';
import type { HookResult, LifecycleAction, LifecycleHook, ScalingActivity } from '../../scaling/model.ts';
import type { ScalingGateway } from '../../scaling/ports.ts';
import type { RpcClient } from './rpc-client.ts';

/** `2022-02-22`, the API whose lists are plain arrays and whose heartbeat has names in lower camel case. */
export const ESS_VERSION = '2022-02-22';

const RESULTS = ['CONTINUE', 'ABANDON', 'ROLLBACK'] as const satisfies ReadonlyArray<HookResult>;

const STATES = [
  'InService',
  'Pending',
  'Pending:Wait',
  'Protected',
  'Standby',
  'Stopped',
  'Removing',
  'Removing:Wait',
] as const satisfies ReadonlyArray<LifecycleState>;

const PAGED = { RequestId: z.string(), TotalCount: z.number() };

const InstancesSchema = z.object({
  ...PAGED,
  ScalingInstances: z.array(z.object({ InstanceId: z.string(), LifecycleState: z.enum(STATES) })),
});

const ActivitiesSchema = z.object({
  ...PAGED,
  ScalingActivities: z.array(z.object({ ScalingActivityId: z.string(), StartTime: z.string().nullish() })),
});

const HooksSchema = z.object({
  ...PAGED,
  LifecycleHooks: z.array(
    z.object({
      LifecycleHookId: z.string(),
      LifecycleHookName: z.string().nullish(),
      LifecycleHookStatus: z.string().nullish(),
      LifecycleTransition: z.enum(['SCALE_OUT', 'SCALE_IN']),
      HeartbeatTimeout: z.number(),
      DefaultResult: z.enum(RESULTS),
      NotificationArn: z.string().nullish(),
    }),
  ),
});

const ActionsSchema = z.object({
  RequestId: z.string(),
  LifecycleActions: z.array(
    z.object({
      LifecycleHookId: z.string(),
      LifecycleActionToken: z.string(),
      LifecycleActionStatus: z.enum(['Pending', 'Timeout', 'Completed']),
      LifecycleActionResult: z.enum(RESULTS).nullish().catch(null),
      InstanceIds: z.array(z.string()).nullish(),
    }),
  ),
  /** Empty at the end. */
  NextToken: z.string().nullish(),
});

const GroupsSchema = z.object({
  ...PAGED,
  ScalingGroups: z.array(
    z.object({
      ScalingGroupId: z.string(),
      VServerGroups: z
        .array(
          z.object({
            LoadBalancerId: z.string(),
            VServerGroupAttributes: z.array(z.object({ VServerGroupId: z.string(), Port: z.number() })),
          }),
        )
        .nullish(),
    }),
  ),
});

const DoneSchema = z.object({ RequestId: z.string() });

const INSTANCES_PER_PAGE = 100;
const PER_PAGE = 50;
/** Activity ids that one DescribeScalingActivities takes. */
const ACTIVITY_IDS_MAX = 20;
/** Far more than a scaling group can fill, and an end to pages that lead nowhere. */
const PAGES_MAX = 200;

/**
 * Auto Scaling over its API of 2022.
 *
 * @see https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-overview
 */
export function createEssGateway(client: RpcClient): ScalingGateway {
  /** All pages, or an error: a list that is shorter than it says proves nothing about who is missing. */
  const list = async <Answer extends { readonly TotalCount: number }, Item>(
    api: string,
    parameters: Record<string, unknown>,
    schema: z.ZodType<Answer>,
    itemsOf: (answer: Answer) => ReadonlyArray<Item>,
    perPage: number,
  ): Promise<ReadonlyArray<Item>> => {
    const items: Array<Item> = [];
    for (let page = 1; page <= PAGES_MAX; page++) {
      const paging = { PageNumber: page, PageSize: perPage };
      const answer = await client.call(api, 'read', { ...parameters, ...paging }, schema).catch(rethrow);
      const found = itemsOf(answer);
      items.push(...found);
      if (items.length >= answer.TotalCount) return items;
      // What leaves the list while its pages are read moves others to a page that has been read already.
      if (found.length === 0) break;
    }
    const origin = { api, code: null, requestId: null };
    throw new TransientError(`${api} listed ${items.length}, fewer than it said`, 'unavailable', origin);
  };
  return {
    async instances(scalingGroupId) {
      const found = await list(
        'DescribeScalingInstances',
        { ScalingGroupId: scalingGroupId },
        InstancesSchema,
        (answer) => answer.ScalingInstances,
        INSTANCES_PER_PAGE,
      );
      return new Map(found.map(({ InstanceId, LifecycleState: state }) => [InstanceId, state]));
    },
    async activitiesInProgress(scalingGroupId) {
      const parameters = { ScalingGroupId: scalingGroupId, StatusCode: 'InProgress' };
      return await list('DescribeScalingActivities', parameters, ActivitiesSchema, readActivities, PER_PAGE);
    },
    async activities(scalingGroupId, activityIds) {
      const found: Array<ScalingActivity> = [];
      for (const ids of chunksOf(activityIds, ACTIVITY_IDS_MAX)) {
        const parameters = { ScalingGroupId: scalingGroupId, ScalingActivityIds: ids };
        found.push(
          ...(await list(
            'DescribeScalingActivities',
            parameters,
            ActivitiesSchema,
            readActivities,
            PER_PAGE,
          )),
        );
      }
      return found;
    },
    async actions(activityId) {
      const actions: Array<LifecycleAction> = [];
      let nextToken: string | null = null;
      for (let page = 1; page <= PAGES_MAX; page++) {
        const parameters = { ScalingActivityId: activityId, MaxResults: PER_PAGE };
        const answer: z.infer<typeof ActionsSchema> = await client.call(
          'DescribeLifecycleActions',
          'read',
          nextToken === null ? parameters : { ...parameters, NextToken: nextToken },
          ActionsSchema,
        );
        actions.push(...answer.LifecycleActions.map((action) => readAction(activityId, action)));
        nextToken = answer.NextToken ?? '';
        if (nextToken === '') return actions;
      }
      const origin = { api: 'DescribeLifecycleActions', code: null, requestId: null };
      throw new TransientError('DescribeLifecycleActions did not come to an end', 'unavailable', origin);
    },
    async hooks(scalingGroupId) {
      const parameters = { ScalingGroupId: scalingGroupId };
      return await list('DescribeLifecycleHooks', parameters, HooksSchema, readHooks, PER_PAGE);
    },
    async attachments(scalingGroupId) {
      const parameters = { ScalingGroupIds: [scalingGroupId] };
      const groups = await list(
        'DescribeScalingGroups',
        parameters,
        GroupsSchema,
        (answer) => answer.ScalingGroups,
        PER_PAGE,
      );
      return groups.flatMap(({ VServerGroups }) =>
        (VServerGroups ?? []).flatMap(({ LoadBalancerId, VServerGroupAttributes }) =>
          VServerGroupAttributes.map(({ VServerGroupId, Port }) => ({
            loadBalancerId: LoadBalancerId,
            vServerGroupId: VServerGroupId,
            port: Port,
          })),
        ),
      );
    },
    async heartbeat({ lifecycleHookId, token }, seconds) {
      // In lower camel case, unlike every other operation of this version.
      const parameters = { lifecycleHookId, lifecycleActionToken: token, heartbeatTimeout: seconds };
      const answer = await client
        .call('RecordLifecycleActionHeartbeat', 'write', parameters, DoneSchema)
        .catch(rethrow);
      return answer.RequestId;
    },
    async complete({ lifecycleHookId, token }, { result, clientToken }) {
      const parameters = {
        LifecycleHookId: lifecycleHookId,
        LifecycleActionToken: token,
        // Left out it would mean one thing in one version's documents and another in the other's.
        LifecycleActionResult: result,
        ClientToken: clientToken,
      };
      const answer = await client
        .call('CompleteLifecycleAction', 'write', parameters, DoneSchema)
        .catch(rethrow);
      return answer.RequestId;
    },
  };
}

function readActivities({
  ScalingActivities,
}: z.infer<typeof ActivitiesSchema>): ReadonlyArray<ScalingActivity> {
  return ScalingActivities.map(({ ScalingActivityId, StartTime }) => ({
    activityId: ScalingActivityId,
    startedAtMs: parseEventTime(StartTime),
  }));
}

function readHooks({ LifecycleHooks }: z.infer<typeof HooksSchema>): ReadonlyArray<LifecycleHook> {
  return LifecycleHooks.map((hook) => ({
    lifecycleHookId: hook.LifecycleHookId,
    name: hook.LifecycleHookName ?? hook.LifecycleHookId,
    transition: hook.LifecycleTransition,
    timeoutSeconds: hook.HeartbeatTimeout,
    defaultResult: hook.DefaultResult,
    isActive: hook.LifecycleHookStatus !== 'InActive',
    notificationArn: hook.NotificationArn ?? '',
  }));
}

function readAction(
  activityId: string,
  action: z.infer<typeof ActionsSchema>['LifecycleActions'][number],
): LifecycleAction {
  return {
    activityId,
    lifecycleHookId: action.LifecycleHookId,
    token: action.LifecycleActionToken,
    status: action.LifecycleActionStatus,
    // Of one that is pending it says what a timeout would make of it.
    result: action.LifecycleActionStatus === 'Pending' ? null : (action.LifecycleActionResult ?? null),
    instanceIds: action.InstanceIds ?? [],
  };
}

/** Refusals of a heartbeat that tell what to do next. */
const LIMITS: Readonly<Record<string, 'times' | 'time'>> = {
  'LifecycleAction.RecordTimesExceeded': 'times',
  'LifecycleAction.TimeExceeded': 'time',
};

function rethrow(error: unknown): never {
  if (!(error instanceof RejectedError)) throw error;
  const { message, origin } = error;
  const code = origin.code ?? '';
  if (code === 'InvalidScalingGroupId.NotFound') throw new MissingScalingGroupError(message, origin, error);
  if (code === 'LifecycleHookIdAndLifecycleActionToken.Invalid')
    throw new HookEndedError(message, origin, error);
  const limit = Object.hasOwn(LIMITS, code) ? LIMITS[code] : undefined;
  throw limit === undefined ? error : new HeartbeatLimitError(limit, message, origin, error);
}
