import type { Foundation } from '../foundation.ts';
import type { Operation } from '../operation.ts';
import type { GroupWrites, ModifyBackendServersInput } from './groups.ts';
import type { Health } from './health.ts';
import type { Listeners, SetListenerInput } from './listeners.ts';
import type { LoadBalancers } from './load-balancers.ts';
import type { MasterSlaveGroupQuery, MasterSlaveGroups } from './master-slave-groups.ts';
import type { MasterSlaveServerGroup } from './master-slave-model.ts';
import type { BackendHealth, Listener, LoadBalancer, Rule, VServerGroup } from './model.ts';
import type { Rules } from './rules.ts';
import type { Slb } from './slb.ts';
import type { TaggedType, Tags } from './tags.ts';

type Method = (input: never) => unknown;
type OperationOf<Run extends Method> = Operation<Parameters<Run>[0], ReturnType<Run>>;

/** A load balancer with what DescribeLoadBalancerAttribute shows of its listeners. */
export interface LoadBalancerWithListeners {
  readonly loadBalancer: LoadBalancer;
  readonly listeners: ReadonlyArray<Listener>;
}

/** A group with the listeners and forwarding rules that use it. */
export interface GroupWithUsers {
  readonly group: VServerGroup;
  readonly listeners: ReadonlyArray<Listener>;
  readonly rules: ReadonlyArray<Rule>;
}

/** A primary/secondary group with the listeners that use it. */
export interface MasterSlaveGroupWithUsers {
  readonly group: MasterSlaveServerGroup;
  readonly listeners: ReadonlyArray<Listener>;
}

/** SLB's operations, each with the ARNs that RAM judges it on and its load balancer as subject. */
export interface SlbOperations {
  readonly CreateLoadBalancer: OperationOf<LoadBalancers['create']>;
  readonly DescribeLoadBalancers: OperationOf<LoadBalancers['describe']>;
  readonly DescribeLoadBalancerAttribute: Operation<
    { readonly loadBalancerId: string },
    LoadBalancerWithListeners
  >;
  /** CreateLoadBalancerTCPListener and its three sisters. */
  readonly CreateListener: OperationOf<Listeners['create']>;
  /** SetLoadBalancerTCPListenerAttribute and its three sisters. */
  readonly SetListener: Operation<SetListenerInput, void>;
  /** DescribeLoadBalancerTCPListenerAttribute and its three sisters. */
  readonly DescribeListener: OperationOf<Listeners['get']>;
  readonly StartLoadBalancerListener: OperationOf<Listeners['start']>;
  readonly StopLoadBalancerListener: OperationOf<Listeners['stop']>;
  readonly DeleteLoadBalancerListener: OperationOf<Listeners['delete']>;
  readonly DescribeLoadBalancerListeners: OperationOf<Listeners['describe']>;
  readonly DescribeHealthStatus: Operation<Parameters<Health['describe']>[0], ReadonlyArray<BackendHealth>>;
  readonly CreateVServerGroup: OperationOf<GroupWrites['create']>;
  readonly AddVServerGroupBackendServers: OperationOf<GroupWrites['add']>;
  readonly RemoveVServerGroupBackendServers: OperationOf<GroupWrites['remove']>;
  readonly SetVServerGroupAttribute: OperationOf<GroupWrites['set']>;
  readonly ModifyVServerGroupBackendServers: Operation<
    ModifyBackendServersInput,
    ReturnType<GroupWrites['modify']>
  >;
  readonly DeleteVServerGroup: Operation<{ readonly vServerGroupId: string }, void>;
  /** Without `includeListener` the listeners are left out, without `includeRule` the rules. */
  readonly DescribeVServerGroups: Operation<DescribeVServerGroupsInput, ReadonlyArray<GroupWithUsers>>;
  readonly DescribeVServerGroupAttribute: Operation<{ readonly vServerGroupId: string }, VServerGroup>;
  readonly CreateMasterSlaveServerGroup: OperationOf<MasterSlaveGroups['create']>;
  readonly DeleteMasterSlaveServerGroup: OperationOf<MasterSlaveGroups['delete']>;
  /** Without `includeListener` the listeners are left out. */
  readonly DescribeMasterSlaveServerGroups: Operation<
    MasterSlaveGroupQuery & { readonly includeListener?: boolean | undefined },
    ReadonlyArray<MasterSlaveGroupWithUsers>
  >;
  readonly DescribeMasterSlaveServerGroupAttribute: Operation<
    { readonly masterSlaveServerGroupId: string },
    MasterSlaveServerGroup
  >;
  readonly CreateRules: OperationOf<Rules['create']>;
  readonly DescribeRules: OperationOf<Rules['describe']>;
  readonly SetRule: OperationOf<Rules['set']>;
  readonly DeleteRules: OperationOf<Rules['delete']>;
  readonly TagResources: OperationOf<Tags['tag']>;
  readonly UntagResources: OperationOf<Tags['untag']>;
  readonly ListTagResources: OperationOf<Tags['list']>;
}

/** What DescribeVServerGroups is given. */
export type DescribeVServerGroupsInput = Parameters<Slb['describeVServerGroups']>[0] & {
  readonly includeListener?: boolean | undefined;
  readonly includeRule?: boolean | undefined;
};

/** The operations of one CLB cloud. */
export function slbOperations(foundation: Foundation, slb: Slb): SlbOperations {
  const { identities, region } = foundation;
  const arn = (product: string, resource: string) =>
    `acs:${product}:${region}:${identities.accountId}:${resource}`;
  const loadBalancerArn = (id: string | null) => arn('slb', `loadbalancer/${id ?? '*'}`);

  const onLoadBalancer = <Input extends { readonly loadBalancerId: string }, Output>(
    run: (input: Input) => Output,
  ): Operation<Input, Output> => ({
    subject: (input) => input.loadBalancerId,
    resources: (input) => [loadBalancerArn(input.loadBalancerId)],
    run,
  });
  const loadBalancerOf = (vServerGroupId: string) => slb.group(vServerGroupId)?.loadBalancerId ?? null;
  const onGroup = <Input extends { readonly vServerGroupId: string }, Output>(
    run: (input: Input) => Output,
  ): Operation<Input, Output> => ({
    subject: (input) => loadBalancerOf(input.vServerGroupId),
    // A group has no ARN of its own. One that does not exist is judged on all load balancers, so that a caller who may
    // do nothing learns nothing.
    resources: (input) => [loadBalancerArn(loadBalancerOf(input.vServerGroupId))],
    run,
  });
  const modify = onGroup(slb.vServerGroups.modify);
  const loadBalancerOfPair = (id: string) => slb.masterSlaveGroup(id)?.loadBalancerId ?? null;
  const onPair = <Input extends { readonly masterSlaveServerGroupId: string }, Output>(
    run: (input: Input) => Output,
  ): Operation<Input, Output> => ({
    subject: (input) => loadBalancerOfPair(input.masterSlaveServerGroupId),
    resources: (input) => [loadBalancerArn(loadBalancerOfPair(input.masterSlaveServerGroupId))],
    run,
  });
  const setListener = onLoadBalancer(slb.listeners.set);
  // ARNs of groups and listeners are not documented for tags either: their load balancers' are judged.
  const onTagged = <
    Input extends {
      readonly resourceType: TaggedType;
      readonly resourceIds?: ReadonlyArray<string> | undefined;
    },
    Output,
  >(
    run: (input: Input) => Output,
  ): Operation<Input, Output> => {
    const balancersOf = ({ resourceType, resourceIds = [] }: Input) =>
      resourceIds.length === 0
        ? [null]
        : [...new Set(resourceIds.map((resourceId) => slb.tags.loadBalancerOf(resourceType, resourceId)))];
    return {
      subject: (input) => balancersOf(input)[0] ?? null,
      resources: (input) => balancersOf(input).map(loadBalancerArn),
      run,
    };
  };

  return {
    CreateLoadBalancer: {
      subject: () => null,
      resources: () => [loadBalancerArn(null)],
      run: slb.loadBalancers.create,
    },
    DescribeLoadBalancers: {
      subject: () => null,
      resources: () => [loadBalancerArn(null)],
      run: slb.loadBalancers.describe,
    },
    DescribeLoadBalancerAttribute: onLoadBalancer(({ loadBalancerId }) => ({
      loadBalancer: slb.loadBalancers.get(loadBalancerId),
      listeners: slb.listeners.of(loadBalancerId),
    })),
    CreateListener: onLoadBalancer(slb.listeners.create),
    SetListener: {
      ...setListener,
      resources: (input) => {
        const { listenerProtocol, settings } = input;
        const isLayer4 = listenerProtocol === 'tcp' || listenerProtocol === 'udp';
        const isAlways = isLayer4 && foundation.switches.slbSetListenerNeedsAcl === 'always';
        const acl = settings?.AclId ?? (isAlways ? '*' : null);
        return [...setListener.resources(input), ...(acl === null ? [] : [arn('slb', `acl/${acl}`)])];
      },
    },
    DescribeListener: onLoadBalancer(slb.listeners.get),
    StartLoadBalancerListener: onLoadBalancer(slb.listeners.start),
    StopLoadBalancerListener: onLoadBalancer(slb.listeners.stop),
    DeleteLoadBalancerListener: onLoadBalancer(slb.listeners.delete),
    DescribeLoadBalancerListeners: {
      subject: ({ loadBalancerIds }) => (loadBalancerIds?.length === 1 ? (loadBalancerIds[0] ?? null) : null),
      resources: ({ loadBalancerIds }) => (loadBalancerIds ?? [null]).map(loadBalancerArn),
      run: slb.listeners.describe,
    },
    DescribeHealthStatus: onLoadBalancer(slb.health.describe),
    CreateVServerGroup: onLoadBalancer(slb.vServerGroups.create),
    AddVServerGroupBackendServers: onGroup(slb.vServerGroups.add),
    RemoveVServerGroupBackendServers: onGroup(slb.vServerGroups.remove),
    SetVServerGroupAttribute: onGroup(slb.vServerGroups.set),
    ModifyVServerGroupBackendServers: {
      ...modify,
      // The one group write whose ECS resources are documented as mandatory.
      resources: (input) => {
        const servers = [...input.oldBackendServers, ...input.newBackendServers].map(
          ({ serverId }) => serverId,
        );
        return [
          ...modify.resources(input),
          ...new Set(servers.map((serverId) => arn('ecs', `instance/${serverId ?? '*'}`))),
        ];
      },
    },
    DeleteVServerGroup: onGroup(({ vServerGroupId }) => slb.vServerGroups.delete(vServerGroupId)),
    DescribeVServerGroups: onLoadBalancer(({ includeListener, includeRule, ...query }) =>
      slb.describeVServerGroups(query).map((group) => ({
        group,
        listeners: includeListener ? slb.listeners.usersOf(group.vServerGroupId) : [],
        rules: includeRule ? slb.rules.usersOf(group.vServerGroupId) : [],
      })),
    ),
    DescribeVServerGroupAttribute: onGroup(({ vServerGroupId }) => slb.describeVServerGroup(vServerGroupId)),
    CreateMasterSlaveServerGroup: onLoadBalancer(slb.masterSlaveGroups.create),
    DeleteMasterSlaveServerGroup: onPair(slb.masterSlaveGroups.delete),
    DescribeMasterSlaveServerGroups: onLoadBalancer(({ includeListener, ...query }) =>
      slb.masterSlaveGroups.describe(query).map((group) => ({
        group,
        listeners: includeListener ? slb.listeners.usersOf(group.masterSlaveServerGroupId) : [],
      })),
    ),
    DescribeMasterSlaveServerGroupAttribute: onPair(({ masterSlaveServerGroupId }) =>
      slb.describeMasterSlaveGroup(masterSlaveServerGroupId),
    ),
    CreateRules: onLoadBalancer(slb.rules.create),
    DescribeRules: onLoadBalancer(slb.rules.describe),
    SetRule: {
      subject: ({ ruleId }) => slb.rules.find(ruleId)?.loadBalancerId ?? null,
      resources: ({ ruleId }) => [loadBalancerArn(slb.rules.find(ruleId)?.loadBalancerId ?? null)],
      run: slb.rules.set,
    },
    DeleteRules: {
      subject: ({ ruleIds }) => slb.rules.find(ruleIds[0] ?? '')?.loadBalancerId ?? null,
      resources: ({ ruleIds }) =>
        ruleIds.map((ruleId) => loadBalancerArn(slb.rules.find(ruleId)?.loadBalancerId ?? null)),
      run: slb.rules.delete,
    },
    TagResources: onTagged(slb.tags.tag),
    UntagResources: onTagged(slb.tags.untag),
    ListTagResources: onTagged(slb.tags.list),
  };
}
