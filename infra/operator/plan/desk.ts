import { createDeclarationGateway } from '../../../shared/adapters/alibaba/declaration-gateway.ts';
import { createLoadBalancerGateway } from '../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createSlbGateway } from '../../../shared/adapters/alibaba/slb-gateway.ts';
import { createBackendStore } from '../../../shared/adapters/tablestore/backend-store.ts';
import {
  createDeclarationOrders,
  createDeclarationStore,
} from '../../../shared/adapters/tablestore/declaration-store.ts';
import { createInboxStore } from '../../../shared/adapters/tablestore/inbox-store.ts';
import { createLaneStore } from '../../../shared/adapters/tablestore/lane-store.ts';
import type { LookDeps } from '../../../shared/comparison/look.ts';
import type { TellDeps } from '../../../shared/comparison/tell.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { DeclarationGateway, DeclarationOrders } from '../../../shared/declarations/ports.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Metrics } from '../../../shared/metrics.ts';
import type { CloudsConnection } from '../connection.ts';
import { type PairDesk, pairDeskOver } from '../pairs/desk.ts';
import { openTransports } from '../transports.ts';

/** What `plan` and `apply` work with: the functions' own ports, with the caller's key. Nothing in it writes to SLB. */
export interface PlanDesk
  extends Omit<LookDeps, 'logger' | 'metrics' | 'timing'>,
    Omit<PairDesk, 'lanes' | 'audit'> {
  readonly loadBalancers: LookDeps['loadBalancers'];
  readonly inbox: LookDeps['inbox'] & TellDeps['inbox'];
  readonly lanes: LookDeps['lanes'] & TellDeps['lanes'];
  readonly declaredGroups: DeclarationGateway;
  readonly declarationOrders: DeclarationOrders;
}

/** Opens it; makes no call yet. */
export function openPlanDesk(config: Config, connection: CloudsConnection): PlanDesk {
  const transports = openTransports(config, connection);
  const { tables, slb } = transports;
  const { bindings, assume } = config;
  return {
    ...pairDeskOver(config, transports),
    loadBalancers: createLoadBalancerGateway(slb, tables.time),
    groups: createSlbGateway(slb, tables.time),
    backends: createBackendStore(tables),
    inbox: createInboxStore(tables),
    lanes: createLaneStore(tables),
    declaredGroups: createDeclarationGateway(slb, tables.time),
    declarations: createDeclarationStore(tables),
    declarationOrders: createDeclarationOrders(tables),
    bindings,
    assume,
  };
}

/** The ports of a look whose warnings go to `remark`. */
export function lookDepsOf(desk: PlanDesk, remark: (binding: string, text: string) => void): LookDeps {
  const silent = () => {};
  const logger: Logger = {
    info: silent,
    warn: ({ binding }, message) => {
      if (typeof binding === 'string') remark(binding, message);
    },
    error: silent,
  };
  const metrics: Metrics = { count: silent };
  return { ...desk, logger, metrics };
}
