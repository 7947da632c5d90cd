import * as z from 'zod';
import { ECS_VERSION } from '../../shared/adapters/alibaba/ecs-gateway.ts';
import {
  createRpcClient,
  type RpcClient,
  type RpcClientOptions,
} from '../../shared/adapters/alibaba/rpc-client.ts';
import { SLB_API } from '../../shared/adapters/alibaba/slb-gateway.ts';
import type { LocalConnection } from './local-connection.ts';

/** An instance as ECS lists it. */
export interface ListedInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly status: string;
  readonly privateIpAddress: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A vServer group as SLB lists it. */
export interface ListedGroup {
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly name: string;
  readonly backends: ReadonlyArray<{
    readonly serverId: string;
    readonly port: number;
    readonly weight: number;
    readonly description: string;
  }>;
}

/** What can be asked of one instance, by the names of ECS' operations. */
export type InstanceOrder = 'StartInstance' | 'StopInstance' | 'RebootInstance' | 'DeleteInstance';

/** An administrator's client of running local clouds, over their real APIs. Methods throw the adapters' errors. */
export interface CloudsClient {
  runInstances(
    count: number,
    tags: Readonly<Record<string, string>>,
    isSpot: boolean,
  ): Promise<ReadonlyArray<string>>;
  order(order: InstanceOrder, instanceId: string, isForced: boolean): Promise<void>;
  instances(): Promise<ReadonlyArray<ListedInstance>>;
  groups(): Promise<ReadonlyArray<ListedGroup>>;
}

const CALL_TIMEOUT_MS = 10_000;
const PAGE_SIZE = 100;
const FORCE_PARAMETER: Readonly<Partial<Record<InstanceOrder, string>>> = {
  StopInstance: 'ForceStop',
  RebootInstance: 'ForceStop',
  DeleteInstance: 'Force',
};

const InstancesRunSchema = z.object({
  InstanceIdSets: z.object({ InstanceIdSet: z.array(z.string()) }),
});

const InstancesSchema = z.object({
  NextToken: z.string().nullish(),
  Instances: z.object({
    Instance: z.array(
      z.object({
        InstanceId: z.string(),
        InstanceName: z.string(),
        Status: z.string(),
        VpcAttributes: z.object({ PrivateIpAddress: z.object({ IpAddress: z.array(z.string()) }) }),
        Tags: z.object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string() })) }),
      }),
    ),
  }),
});

const LoadBalancersSchema = z.object({
  LoadBalancers: z.object({ LoadBalancer: z.array(z.object({ LoadBalancerId: z.string() })) }),
});

const GroupsSchema = z.object({
  VServerGroups: z.object({
    VServerGroup: z.array(z.object({ VServerGroupId: z.string(), VServerGroupName: z.string() })),
  }),
});

const GroupSchema = z.object({
  BackendServers: z.object({
    BackendServer: z.array(
      z.object({
        ServerId: z.string(),
        Port: z.number(),
        Weight: z.number(),
        Description: z.string().default(''),
      }),
    ),
  }),
});

/** Opens the client. */
export function createCloudsClient(connection: LocalConnection): CloudsClient {
  const { accessKeyId, accessKeySecret, endpoints, region } = connection;
  const open = (endpoint: string, api: Pick<RpcClientOptions, 'version' | 'refusals'>): RpcClient =>
    createRpcClient({
      endpoint,
      ...api,
      regionId: region,
      accessKey: () => ({ accessKeyId, accessKeySecret, securityToken: null }),
      timeoutMs: CALL_TIMEOUT_MS,
    });
  const ecs = open(endpoints.ecs, { version: ECS_VERSION });
  const slb = open(endpoints.slb, SLB_API);

  const groupsOf = async (loadBalancerId: string): Promise<ReadonlyArray<ListedGroup>> => {
    const listed = await slb.call(
      'DescribeVServerGroups',
      'read',
      { LoadBalancerId: loadBalancerId },
      GroupsSchema,
    );
    return await Promise.all(
      listed.VServerGroups.VServerGroup.map(async ({ VServerGroupId, VServerGroupName }) => {
        const parameters = { VServerGroupId };
        const group = await slb.call('DescribeVServerGroupAttribute', 'read', parameters, GroupSchema);
        const backends = group.BackendServers.BackendServer.map((backend) => ({
          serverId: backend.ServerId,
          port: backend.Port,
          weight: backend.Weight,
          description: backend.Description,
        }));
        return { loadBalancerId, vServerGroupId: VServerGroupId, name: VServerGroupName, backends };
      }),
    );
  };

  return {
    async runInstances(count, tags, isSpot) {
      const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const parameters = { Amount: count, Tag, ...(isSpot ? { SpotStrategy: 'SpotAsPriceGo' } : {}) };
      const answer = await ecs.call('RunInstances', 'write', parameters, InstancesRunSchema);
      return answer.InstanceIdSets.InstanceIdSet;
    },
    async order(order, instanceId, isForced) {
      const force = FORCE_PARAMETER[order];
      const parameters = {
        InstanceId: instanceId,
        ...(isForced && force !== undefined ? { [force]: true } : {}),
      };
      await ecs.call(order, 'write', parameters, z.unknown());
    },
    async instances() {
      const found: Array<ListedInstance> = [];
      for (let token = ''; ; ) {
        const parameters = { MaxResults: PAGE_SIZE, ...(token === '' ? {} : { NextToken: token }) };
        const page = await ecs.call('DescribeInstances', 'read', parameters, InstancesSchema);
        found.push(...page.Instances.Instance.map(listedInstance));
        token = page.NextToken ?? '';
        if (token === '') return found;
      }
    },
    async groups() {
      const loadBalancerIds: Array<string> = [];
      for (let pageNumber = 1; ; pageNumber++) {
        const parameters = { PageNumber: pageNumber, PageSize: PAGE_SIZE };
        const page = await slb.call('DescribeLoadBalancers', 'read', parameters, LoadBalancersSchema);
        const { LoadBalancer } = page.LoadBalancers;
        loadBalancerIds.push(...LoadBalancer.map((row) => row.LoadBalancerId));
        if (LoadBalancer.length < PAGE_SIZE) break;
      }
      return (await Promise.all(loadBalancerIds.map(groupsOf))).flat();
    },
  };
}

function listedInstance(
  row: z.infer<typeof InstancesSchema>['Instances']['Instance'][number],
): ListedInstance {
  return {
    instanceId: row.InstanceId,
    name: row.InstanceName,
    status: row.Status,
    privateIpAddress: row.VpcAttributes.PrivateIpAddress.IpAddress[0] ?? '',
    tags: Object.fromEntries(row.Tags.Tag.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
  };
}
