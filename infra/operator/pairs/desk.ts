import { createEssGateway } from '../../../shared/adapters/alibaba/ess-gateway.ts';
import { createInstanceGateway } from '../../../shared/adapters/alibaba/instance-gateway.ts';
import { createLoadBalancerGateway } from '../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createPairGateway } from '../../../shared/adapters/alibaba/pair-gateway.ts';
import { createWakeUps } from '../../../shared/adapters/mns/queues.ts';
import { createProber } from '../../../shared/adapters/node/prober.ts';
import { systemNewId } from '../../../shared/adapters/node/system.ts';
import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { createMemberIndex } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createLaneStore } from '../../../shared/adapters/tablestore/lane-store.ts';
import { createPairOrders, createPairStore } from '../../../shared/adapters/tablestore/pair-store.ts';
import type { RecentAudit } from '../../../shared/audit/ports.ts';
import type { NewId } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { LaneStore, WakeUps } from '../../../shared/lanes/ports.ts';
import type { ForeseeDeps } from '../../../shared/pairs/foresee.ts';
import type { PairOrders, PairStore } from '../../../shared/pairs/ports.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports, type Transports } from '../transports.ts';

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
export function openPairDesk(config: Config, connection: CloudsConnection): PairDesk {
  return pairDeskOver(config, openTransports(config, connection));
}

/** The same over ways that are open already. */
export function pairDeskOver(
  { pairs, timing, maintenance, limits }: Config,
  { tables, slb, ecs, ess, eci, queues }: Transports,
): PairDesk {
  const clock = tables.time;
  return {
    pairGroups: createPairGateway(slb),
    loadBalancers: createLoadBalancerGateway(slb, clock),
    instances: createInstanceGateway({ ecs, eci }),
    scaling: createEssGateway(ess),
    members: createMemberIndex(tables),
    prober: createProber(),
    pairs,
    maintenance,
    limits,
    timing,
    clock,
    pairRows: createPairStore(tables),
    pairOrders: createPairOrders(tables),
    lanes: createLaneStore(tables),
    wakeUps: createWakeUps(queues, clock),
    audit: createRecentAudit(tables),
    newId: systemNewId,
  };
}
