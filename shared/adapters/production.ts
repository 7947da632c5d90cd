import type { AcceptDeps } from '../acceptance/apply.ts';
import type { CurrentAccessKey } from '../access-key.ts';
import { createApiBudget } from '../api-budget/apply.ts';
import { DEFAULT_API_BUDGET } from '../api-budget/model.ts';
import type { ClaimDeps } from '../claims/apply.ts';
import type { Environment } from '../config/environment.ts';
import type { Limits } from '../config/limits.ts';
import type { Config } from '../config/load.ts';
import { scalingGroupIdsOf } from '../config/scaling.ts';
import type { Timing } from '../config/timing.ts';
import type { ConnectionCounts } from '../connections/ports.ts';
import type { LaneDeps } from '../lanes/apply.ts';
import type { LoadBalancerPassDeps } from '../load-balancer-pass.ts';
import type { Logger } from '../logger.ts';
import type { PairPassDeps } from '../pairs/apply.ts';
import type { PairRoundDeps } from '../pairs/round.ts';
import type { Prober } from '../readiness/ports.ts';
import type { RequestPassDeps } from '../requests/apply.ts';
import type { RequestIntakeDeps } from '../requests/intake.ts';
import type { ScalingPassDeps } from '../scaling/apply.ts';
import type { RoundDeps } from '../scaling/round.ts';
import type { SweepDeps } from '../sweep/apply.ts';
import type { Invoker } from '../sweep/ports.ts';
import { CMS_VERSION, createConnectionCounts } from './alibaba/connection-counts.ts';
import { countedClients } from './alibaba/counted-client.ts';
import { createDeclarationGateway } from './alibaba/declaration-gateway.ts';
import { ECI_VERSION } from './alibaba/eci-gateway.ts';
import { ECS_VERSION } from './alibaba/ecs-gateway.ts';
import { createEssGateway, ESS_VERSION } from './alibaba/ess-gateway.ts';
import { createInstanceGateway } from './alibaba/instance-gateway.ts';
import { createInvoker } from './alibaba/invoker.ts';
import { createLoadBalancerGateway } from './alibaba/load-balancer-gateway.ts';
import { createPairGateway } from './alibaba/pair-gateway.ts';
import { createRpcClient, type RpcClient } from './alibaba/rpc-client.ts';
import { createSlbGateway, SLB_API } from './alibaba/slb-gateway.ts';
import { createQueueClient, type QueueClient } from './mns/queue-client.ts';
import { createQuarantineNotes, createRequestQueue, createResults, createWakeUps } from './mns/queues.ts';
import { createLogMetrics } from './node/metrics.ts';
import { createProber } from './node/prober.ts';
import { systemClock, systemNewId, systemRandom } from './node/system.ts';
import { createAuditLog } from './tablestore/audit-log.ts';
import { createRecentAudit } from './tablestore/audit-reader.ts';
import { createBackendStore, createMemberIndex } from './tablestore/backend-store.ts';
import { createBudgetStore } from './tablestore/budget-store.ts';
import { createClaimStore } from './tablestore/claim-store.ts';
import { createTableClient, type TableClient } from './tablestore/client.ts';
import { createDeclarationOrders, createDeclarationStore } from './tablestore/declaration-store.ts';
import { createDoneStore } from './tablestore/done-store.ts';
import { createHookStore } from './tablestore/hook-store.ts';
import { createInboxStore } from './tablestore/inbox-store.ts';
import { createLaneStore } from './tablestore/lane-store.ts';
import { createPairOrders, createPairStore } from './tablestore/pair-store.ts';
import { createQuarantine, createQuarantineCount } from './tablestore/quarantine-store.ts';
import { createRequestStore } from './tablestore/request-store.ts';

/** Every port of the product, on the real clouds. */
export type Production = AcceptDeps &
  ClaimDeps &
  LaneDeps &
  LoadBalancerPassDeps &
  ScalingPassDeps &
  RoundDeps &
  PairPassDeps &
  PairRoundDeps &
  RequestPassDeps &
  RequestIntakeDeps &
  SweepDeps & { readonly timing: Timing; readonly limits: Limits };

/** The ways to the clouds that the ports are built on. */
export interface Transports {
  readonly tables: TableClient;
  readonly slb: RpcClient;
  readonly ecs: RpcClient;
  readonly ess: RpcClient;
  readonly eci: RpcClient;
  readonly queues: QueueClient;
  /** To the function that reconciles one load balancer. */
  readonly reconcile: Invoker;
  readonly prober: Prober;
  readonly connections: ConnectionCounts;
}

/** What is the worker's own: its clock, its dice, its names and its voice. */
export type Own = Pick<Production, 'ownClock' | 'random' | 'newId' | 'logger' | 'metrics'>;

/** Connects the ports to the clouds that the environment names. Makes no call and loads no SDK yet. */
export function createProduction(options: {
  config: Config;
  environment: Environment;
  accessKey: CurrentAccessKey;
  logger: Logger;
}): Production {
  const { config, environment, accessKey, logger } = options;
  const { endpoints, accountId, regionId, otsInstance, reconcileFunction } = environment;
  const timeoutMs = config.timing.callTimeoutMs;
  const tables = createTableClient({
    endpoint: endpoints.ots.url,
    instance: otsInstance,
    accessKey,
    clock: systemClock,
    timeoutMs,
  });
  const rpc = { regionId: config.regionId, accessKey, timeoutMs };
  const transports: Transports = {
    tables,
    slb: createRpcClient({ ...rpc, endpoint: endpoints.slb.url, ...SLB_API }),
    ecs: createRpcClient({ ...rpc, endpoint: endpoints.ecs.url, version: ECS_VERSION }),
    ess: createRpcClient({ ...rpc, endpoint: endpoints.ess.url, version: ESS_VERSION }),
    eci: createRpcClient({ ...rpc, endpoint: endpoints.eci.url, version: ECI_VERSION }),
    queues: createQueueClient({ accountId, endpoint: endpoints.mns.url, accessKey, timeoutMs }),
    reconcile: createInvoker({
      endpoint: endpoints.fc.url,
      accountId,
      regionId,
      functionName: reconcileFunction,
      accessKey,
      timeoutMs,
    }),
    prober: createProber(),
    connections: createConnectionCounts(
      createRpcClient({ ...rpc, endpoint: endpoints.cms.url, version: CMS_VERSION }),
      tables.time,
    ),
  };
  const metrics = createLogMetrics(logger);
  const own = { ownClock: systemClock, random: systemRandom, newId: systemNewId, logger, metrics };
  return assembleProduction(config, transports, own);
}

/** Builds every port on the transports, whatever stands behind them. */
export function assembleProduction(
  { timing, limits, maintenance, sweep, assume, bindings, pairs, regionId, scaling, requests }: Config,
  { tables, queues, reconcile, prober, connections, ...clients }: Transports,
  own: Own,
): Production {
  const clock = tables.time;
  const { slb, ecs, ess, eci, calls } = countedClients(clients);
  return {
    ...own,
    clock,
    bindings,
    pairs,
    regionId,
    timing,
    limits,
    maintenance,
    sweep,
    assume,
    scalingPolicy: scaling.policy,
    scalingGroupIds: scalingGroupIdsOf(bindings, scaling),
    requestPolicy: requests,
    reconcile,
    prober,
    connections,
    budget: createApiBudget({
      store: createBudgetStore(tables),
      clock,
      random: own.random,
      logger: own.logger,
      settings: {
        ...DEFAULT_API_BUDGET,
        limitPerMinute: limits.callsPerMinute,
        reserveForPeople: limits.reserveForPeople,
      },
      regionId,
    }),
    done: createDoneStore(tables),
    claims: createClaimStore(tables),
    inbox: createInboxStore(tables),
    lanes: createLaneStore(tables),
    hooks: createHookStore(tables),
    backends: createBackendStore(tables),
    members: createMemberIndex(tables),
    quarantine: createQuarantine(tables, createQuarantineNotes(queues)),
    wakeUps: createWakeUps(queues, clock),
    groups: createSlbGateway(slb, clock),
    loadBalancers: createLoadBalancerGateway(slb, clock),
    instances: createInstanceGateway({ ecs, eci }),
    scaling: createEssGateway(ess),
    declaredGroups: createDeclarationGateway(slb, clock),
    declarations: createDeclarationStore(tables),
    declarationOrders: createDeclarationOrders(tables),
    pairGroups: createPairGateway(slb),
    pairRows: createPairStore(tables),
    pairOrders: createPairOrders(tables),
    audit: { ...createRecentAudit(tables), ...createAuditLog(tables) },
    calls,
    quarantined: createQuarantineCount(tables),
    requests: createRequestStore(tables),
    results: createResults(queues),
    requestQueue: createRequestQueue(queues),
  };
}
