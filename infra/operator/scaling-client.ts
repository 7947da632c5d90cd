import * as z from 'zod';
import { ESS_VERSION } from '../../shared/adapters/alibaba/ess-gateway.ts';
import { createRpcClient } from '../../shared/adapters/alibaba/rpc-client.ts';
import type { LocalConnection } from './local-connection.ts';

/** A scaling group as Auto Scaling lists it. */
export interface ListedScalingGroup {
  /** `asg-…` */
  readonly scalingGroupId: string;
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** Instances in any state. */
  readonly instances: number;
}

/** An activity as Auto Scaling lists it. */
export interface ListedActivity {
  /** `asa-…` */
  readonly scalingActivityId: string;
  /** `Add "3" ECS instance` */
  readonly description: string;
  /** `A user requests to …` */
  readonly cause: string;
  readonly statusCode: 'InProgress' | 'Successful' | 'Warning' | 'Failed' | 'Rejected';
  readonly statusMessage: string;
  readonly instances: number;
}

/** One hook's wait in an activity. */
export interface ListedWait {
  readonly lifecycleHookId: string;
  readonly status: 'Pending' | 'Timeout' | 'Completed';
  /** `CONTINUE`, `ABANDON`, `ROLLBACK`; while it is pending, what a timeout would make of it. */
  readonly result: string;
  readonly instances: number;
}

/** How a scaling group's size is to change. */
export type Adjustment = { readonly by: number } | { readonly to: number };

/** An administrator's client of running local clouds' Auto Scaling, over its API. Methods throw the adapters' errors. */
export interface ScalingClient {
  groups(): Promise<ReadonlyArray<ListedScalingGroup>>;
  /** Begins an activity; its id. */
  scale(scalingGroupId: string, adjustment: Adjustment): Promise<string>;
  /** `null` = there is no such activity. */
  activity(scalingGroupId: string, scalingActivityId: string): Promise<ListedActivity | null>;
  /** The group's activities that are in progress. */
  inProgress(scalingGroupId: string): Promise<ReadonlyArray<ListedActivity>>;
  waits(scalingActivityId: string): Promise<ReadonlyArray<ListedWait>>;
  /** Names of the group's hooks, by id. */
  hookNames(scalingGroupId: string): Promise<ReadonlyMap<string, string>>;
}

const CALL_TIMEOUT_MS = 10_000;
const PAGE_SIZE = 50;

const GroupsSchema = z.object({
  TotalCount: z.number(),
  ScalingGroups: z.array(
    z.object({
      ScalingGroupId: z.string(),
      ScalingGroupName: z.string(),
      MinSize: z.number(),
      MaxSize: z.number(),
      TotalCapacity: z.number(),
    }),
  ),
});

const ScaledSchema = z.object({ ScalingActivityId: z.string() });

const ActivitiesSchema = z.object({
  ScalingActivities: z.array(
    z.object({
      ScalingActivityId: z.string(),
      Description: z.string(),
      Cause: z.string(),
      StatusCode: z.enum(['InProgress', 'Successful', 'Warning', 'Failed', 'Rejected']),
      StatusMessage: z.string(),
      ScalingInstanceNumber: z.number(),
    }),
  ),
});

const WaitsSchema = z.object({
  LifecycleActions: z.array(
    z.object({
      LifecycleHookId: z.string(),
      LifecycleActionStatus: z.enum(['Pending', 'Timeout', 'Completed']),
      LifecycleActionResult: z.string(),
      InstanceIds: z.array(z.string()),
    }),
  ),
});

const HooksSchema = z.object({
  LifecycleHooks: z.array(z.object({ LifecycleHookId: z.string(), LifecycleHookName: z.string() })),
});

/** Opens the client. */
export function createScalingClient(connection: LocalConnection): ScalingClient {
  const { accessKeyId, accessKeySecret, endpoints, region } = connection;
  const ess = createRpcClient({
    endpoint: endpoints.ess,
    version: ESS_VERSION,
    regionId: region,
    accessKey: () => ({ accessKeyId, accessKeySecret, securityToken: null }),
    timeoutMs: CALL_TIMEOUT_MS,
  });
  const activities = async (parameters: Record<string, unknown>) => {
    const paging = { PageSize: PAGE_SIZE };
    const { ScalingActivities: found } = await ess.call(
      'DescribeScalingActivities',
      'read',
      { ...parameters, ...paging },
      ActivitiesSchema,
    );
    return found.map(
      (row): ListedActivity => ({
        scalingActivityId: row.ScalingActivityId,
        description: row.Description,
        cause: row.Cause,
        statusCode: row.StatusCode,
        statusMessage: row.StatusMessage,
        instances: row.ScalingInstanceNumber,
      }),
    );
  };
  return {
    async groups() {
      const found: Array<ListedScalingGroup> = [];
      for (let page = 1; ; page++) {
        const paging = { PageNumber: page, PageSize: PAGE_SIZE };
        const answer = await ess.call('DescribeScalingGroups', 'read', paging, GroupsSchema);
        found.push(
          ...answer.ScalingGroups.map((row) => ({
            scalingGroupId: row.ScalingGroupId,
            name: row.ScalingGroupName,
            minSize: row.MinSize,
            maxSize: row.MaxSize,
            instances: row.TotalCapacity,
          })),
        );
        if (answer.ScalingGroups.length < PAGE_SIZE) return found;
      }
    },
    async scale(scalingGroupId, adjustment) {
      const change =
        'to' in adjustment
          ? { AdjustmentType: 'TotalCapacity', AdjustmentValue: adjustment.to }
          : { AdjustmentType: 'QuantityChangeInCapacity', AdjustmentValue: adjustment.by };
      const parameters = { ScalingGroupId: scalingGroupId, ...change };
      const answer = await ess.call('ScaleWithAdjustment', 'write', parameters, ScaledSchema);
      return answer.ScalingActivityId;
    },
    async activity(scalingGroupId, scalingActivityId) {
      const [found] = await activities({
        ScalingGroupId: scalingGroupId,
        ScalingActivityIds: [scalingActivityId],
      });
      return found ?? null;
    },
    inProgress: (scalingGroupId) => activities({ ScalingGroupId: scalingGroupId, StatusCode: 'InProgress' }),
    async waits(scalingActivityId) {
      const parameters = { ScalingActivityId: scalingActivityId, MaxResults: PAGE_SIZE };
      const answer = await ess.call('DescribeLifecycleActions', 'read', parameters, WaitsSchema);
      return answer.LifecycleActions.map((row) => ({
        lifecycleHookId: row.LifecycleHookId,
        status: row.LifecycleActionStatus,
        result: row.LifecycleActionResult,
        instances: row.InstanceIds.length,
      }));
    },
    async hookNames(scalingGroupId) {
      const parameters = { ScalingGroupId: scalingGroupId, PageSize: PAGE_SIZE };
      const { LifecycleHooks: hooks } = await ess.call(
        'DescribeLifecycleHooks',
        'read',
        parameters,
        HooksSchema,
      );
      return new Map(hooks.map((row) => [row.LifecycleHookId, row.LifecycleHookName]));
    },
  };
}
