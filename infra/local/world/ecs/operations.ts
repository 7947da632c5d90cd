import type { Foundation } from '../foundation.ts';
import type { Operation } from '../operation.ts';
import type { Ecs, InstanceInput } from './ecs.ts';
import { EMPTY_FULL_STATUS_PAGE, type FullStatusPage, type FullStatusQuery } from './full-status.ts';
import {
  EMPTY_INTERFACE_PAGE,
  type NetworkInterfacePage,
  type NetworkInterfaceQuery,
} from './network-interfaces.ts';
import type { RunInstancesInput } from './new-instance.ts';
import { EMPTY_PAGE, type InstancePage, type InstanceQuery } from './query.ts';
import { ecsRefusals } from './refusals.ts';

/** ECS' operations by their names, each with the ARNs that RAM judges it on. */
export interface EcsOperations {
  readonly RunInstances: Operation<RunInstancesInput, ReadonlyArray<string>>;
  readonly StartInstance: Operation<Parameters<Ecs['startInstance']>[0], void>;
  readonly StopInstance: Operation<Parameters<Ecs['stopInstance']>[0], void>;
  readonly RebootInstance: Operation<Parameters<Ecs['rebootInstance']>[0], void>;
  readonly DeleteInstance: Operation<Parameters<Ecs['deleteInstance']>[0], void>;
  /** A caller without permission gets an empty answer, not a refusal; a dry run tells the difference. */
  readonly DescribeInstances: Operation<DescribeInstancesInput, InstancePage>;
  readonly DescribeInstanceStatus: Operation<InstanceQuery, InstancePage>;
  /**
   * Can be granted on everything only. That a caller without permission gets an empty answer here too is an assumption:
   * it is documented for the describing calls of ECS in general, and tried by nobody on this one.
   */
  readonly DescribeInstancesFullStatus: Operation<FullStatusQuery, FullStatusPage>;
  /** What a caller without permission gets is taken to be as with DescribeInstances. It has no dry run. */
  readonly DescribeNetworkInterfaces: Operation<NetworkInterfaceQuery, NetworkInterfacePage>;
  readonly TagResources: Operation<Parameters<Ecs['tagResources']>[0], void>;
  readonly UntagResources: Operation<Parameters<Ecs['untagResources']>[0], void>;
}

/** What DescribeInstances is given. */
export interface DescribeInstancesInput extends InstanceQuery {
  /** Only checks: always throws, `DryRunOperation` when the call is allowed and right. */
  readonly dryRun?: boolean | undefined;
}

/** The operations of one ECS cloud. */
export function ecsOperations(foundation: Foundation, ecs: Ecs): EcsOperations {
  const { identities, region } = foundation;
  const arn = (id: string) => `acs:ecs:${region}:${identities.accountId}:instance/${id}`;
  const onInstance = <Input extends InstanceInput>(run: (input: Input) => void): Operation<Input, void> => ({
    subject: (input) => input.instanceId,
    resources: (input) => [arn(input.instanceId)],
    run,
  });
  const onQuery = {
    subject: () => null,
    resources: ({ instanceIds }: InstanceQuery) =>
      instanceIds === undefined || instanceIds.length === 0 ? [arn('*')] : instanceIds.map(arn),
  };
  const onResources = {
    subject: () => null,
    resources: ({ resourceIds }: { readonly resourceIds: ReadonlyArray<string> }) => resourceIds.map(arn),
  };
  return {
    RunInstances: { subject: () => null, resources: () => [arn('*')], run: ecs.runInstances },
    StartInstance: onInstance(ecs.startInstance),
    StopInstance: onInstance(ecs.stopInstance),
    RebootInstance: onInstance(ecs.rebootInstance),
    DeleteInstance: onInstance(ecs.deleteInstance),
    DescribeInstances: {
      ...onQuery,
      run(input) {
        const answer = ecs.describeInstances(input);
        if (input.dryRun) throw ecsRefusals.dryRunPassed();
        return answer;
      },
      whenDenied: (input) => (input.dryRun ? null : EMPTY_PAGE),
    },
    DescribeInstanceStatus: { ...onQuery, run: ecs.describeInstances },
    DescribeInstancesFullStatus: {
      subject: () => null,
      resources: () => ['*'],
      run: ecs.describeInstancesFullStatus,
      whenDenied: () => EMPTY_FULL_STATUS_PAGE,
    },
    DescribeNetworkInterfaces: {
      subject: () => null,
      resources: () => ['*'],
      run: ecs.networkInterfaces.describe,
      whenDenied: () => EMPTY_INTERFACE_PAGE,
    },
    TagResources: { ...onResources, run: ecs.tagResources },
    UntagResources: { ...onResources, run: ecs.untagResources },
  };
}
