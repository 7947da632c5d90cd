import { createEcsGateway, ECS_VERSION } from '../../../shared/adapters/alibaba/ecs-gateway.ts';
import { createEssGateway, ESS_VERSION } from '../../../shared/adapters/alibaba/ess-gateway.ts';
import { createLoadBalancerGateway } from '../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createPairGateway } from '../../../shared/adapters/alibaba/pair-gateway.ts';
import { createRpcClient } from '../../../shared/adapters/alibaba/rpc-client.ts';
import { SLB_VERSION } from '../../../shared/adapters/alibaba/slb-gateway.ts';
import { createQueueClient } from '../../../shared/adapters/mns/queue-client.ts';
import { createWakeUps } from '../../../shared/adapters/mns/queues.ts';
import { createProber } from '../../../shared/adapters/node/prober.ts';
import { systemClock, systemNewId } from '../../../shared/adapters/node/system.ts';
import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { createMemberIndex } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createTableClient } from '../../../shared/adapters/tablestore/client.ts';
import { createLaneStore } from '../../../shared/adapters/tablestore/lane-store.ts';
import { createPairOrders, createPairStore } from '../../../shared/adapters/tablestore/pair-store.ts';
import type { RecentAudit } from '../../../shared/audit/ports.ts';
import type { NewId } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { LaneStore, WakeUps } from '../../../shared/lanes/ports.ts';
import type { ForeseeDeps } from '../../../shared/pairs/foresee.ts';
import type { PairOrders, PairStore } from '../../../shared/pairs/ports.ts';
import type { CloudsConnection } from '../connection.ts';

/** What the commands about pairs work with: the functions' own ports, with the caller's key. Nothing in it writes to SLB. */
export interface PairDesk extends ForeseeDeps {
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly pairOrders: PairOrders;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly wakeUps: WakeUps;
  readonly audit: RecentAudit;
  readonly newId: NewId;
}

/** Opens it; makes no call yet. */
export function openPairDesk(
  { regionId, pairs, timing, maintenance }: Config,
  connection: CloudsConnection,
): PairDesk {
  const { accountId, endpoints, otsInstance } = connection;
  const timeoutMs = timing.callTimeoutMs;
  const accessKey = () => connection.accessKey;
  const open = (endpoint: string, version: string) =>
    createRpcClient({ endpoint, version, regionId, accessKey, timeoutMs });
  const slb = open(endpoints.slb, SLB_VERSION);
  const tables = createTableClient({
    endpoint: endpoints.ots,
    instance: otsInstance,
    accessKey,
    clock: systemClock,
    timeoutMs,
  });
  const clock = tables.time;
  return {
    pairGroups: createPairGateway(slb),
    loadBalancers: createLoadBalancerGateway(slb, clock),
    instances: createEcsGateway(open(endpoints.ecs, ECS_VERSION)),
    scaling: createEssGateway(open(endpoints.ess, ESS_VERSION)),
    members: createMemberIndex(tables),
    prober: createProber(),
    pairs,
    maintenance,
    timing,
    clock,
    pairRows: createPairStore(tables),
    pairOrders: createPairOrders(tables),
    lanes: createLaneStore(tables),
    wakeUps: createWakeUps(
      createQueueClient({ accountId, endpoint: endpoints.mns, accessKey, timeoutMs }),
      clock,
    ),
    audit: createRecentAudit(tables),
    newId: systemNewId,
  };
}
