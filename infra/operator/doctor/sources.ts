import { ECI_VERSION } from '../../../shared/adapters/alibaba/eci-gateway.ts';
import { ECS_VERSION } from '../../../shared/adapters/alibaba/ecs-gateway.ts';
import { createEssGateway, ESS_VERSION } from '../../../shared/adapters/alibaba/ess-gateway.ts';
import { createInstanceGateway } from '../../../shared/adapters/alibaba/instance-gateway.ts';
import { createLoadBalancerGateway } from '../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createPairGateway } from '../../../shared/adapters/alibaba/pair-gateway.ts';
import { createRpcClient, type RpcClientOptions } from '../../../shared/adapters/alibaba/rpc-client.ts';
import { createSlbGateway, SLB_API } from '../../../shared/adapters/alibaba/slb-gateway.ts';
import { systemClock } from '../../../shared/adapters/node/system.ts';
import { createTableClient } from '../../../shared/adapters/tablestore/client.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { CloudsConnection } from '../connection.ts';
import type { Sources } from './gather.ts';
import { describeScalingGroup } from './scaling-group.ts';
import { observeTables } from './tables.ts';

/** Opens the clouds with the functions' own adapters, so that what doctor cannot read they cannot read either. */
export function openSources({ regionId, timing }: Config, connection: CloudsConnection): Sources {
  const { endpoints, otsInstance } = connection;
  const timeoutMs = timing.callTimeoutMs;
  const accessKey = () => connection.accessKey;
  const open = (endpoint: string, api: Pick<RpcClientOptions, 'version' | 'refusals'>) =>
    createRpcClient({ endpoint, ...api, regionId, accessKey, timeoutMs });
  const slb = open(endpoints.slb, SLB_API);
  const ess = open(endpoints.ess, { version: ESS_VERSION });
  const clock = systemClock;
  const tables = createTableClient({
    endpoint: endpoints.ots,
    instance: otsInstance,
    accessKey,
    clock,
    timeoutMs,
  });
  return {
    loadBalancers: createLoadBalancerGateway(slb, clock),
    groups: createSlbGateway(slb, clock),
    pairGroups: createPairGateway(slb),
    instances: createInstanceGateway({
      ecs: open(endpoints.ecs, { version: ECS_VERSION }),
      eci: open(endpoints.eci, { version: ECI_VERSION }),
    }),
    scaling: createEssGateway(ess),
    scalingGroup: (scalingGroupId) => describeScalingGroup(ess, scalingGroupId),
    tables: () => observeTables(tables),
  };
}
