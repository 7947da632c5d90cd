import type { AcceptDeps } from '../acceptance/apply.ts';
import type { CurrentAccessKey } from '../access-key.ts';
import type { ClaimDeps } from '../claims/apply.ts';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/load.ts';
import type { Timing } from '../config/timing.ts';
import type { LaneDeps } from '../lanes/apply.ts';
import type { Logger } from '../logger.ts';
import type { PassDeps } from '../server-groups/apply.ts';
import { createEcsGateway, ECS_VERSION } from './alibaba/ecs-gateway.ts';
import { createRpcClient } from './alibaba/rpc-client.ts';
import { createSlbGateway, SLB_VERSION } from './alibaba/slb-gateway.ts';
import { createQueueClient } from './mns/queue-client.ts';
import { createQuarantineNotes, createWakeUps } from './mns/queues.ts';
import { systemClock, systemNewId, systemRandom } from './node/system.ts';
import { createBackendStore, createMemberIndex } from './tablestore/backend-store.ts';
import { createClaimStore } from './tablestore/claim-store.ts';
import { createTableClient } from './tablestore/client.ts';
import { createDoneStore } from './tablestore/done-store.ts';
import { createInboxStore } from './tablestore/inbox-store.ts';
import { createLaneStore } from './tablestore/lane-store.ts';
import { createQuarantine } from './tablestore/quarantine-store.ts';

/** Every port of the product, on the real clouds. */
export type Production = AcceptDeps & ClaimDeps & LaneDeps & PassDeps & { readonly timing: Timing };

/** Connects the ports to the clouds that the environment names. Makes no call and loads no SDK yet. */
export function createProduction(options: {
  config: Config;
  environment: Environment;
  accessKey: CurrentAccessKey;
  logger: Logger;
}): Production {
  const { config, environment, accessKey, logger } = options;
  const { endpoints, accountId, otsInstance } = environment;
  const { timing, bindings, regionId } = config;
  const timeoutMs = timing.callTimeoutMs;
  const tables = createTableClient({
    endpoint: endpoints.ots.url,
    instance: otsInstance,
    accessKey,
    clock: systemClock,
    timeoutMs,
  });
  const clock = tables.time;
  const queues = createQueueClient({ accountId, endpoint: endpoints.mns.url, accessKey, timeoutMs });
  const rpc = { regionId, accessKey, timeoutMs };
  return {
    clock,
    ownClock: systemClock,
    random: systemRandom,
    newId: systemNewId,
    logger,
    bindings,
    regionId,
    timing,
    done: createDoneStore(tables),
    claims: createClaimStore(tables),
    inbox: createInboxStore(tables),
    lanes: createLaneStore(tables),
    backends: createBackendStore(tables),
    members: createMemberIndex(tables),
    quarantine: createQuarantine(tables, createQuarantineNotes(queues)),
    wakeUps: createWakeUps(queues, clock),
    groups: createSlbGateway(
      createRpcClient({ ...rpc, endpoint: endpoints.slb.url, version: SLB_VERSION }),
      clock,
    ),
    instances: createEcsGateway(
      createRpcClient({ ...rpc, endpoint: endpoints.ecs.url, version: ECS_VERSION }),
    ),
  };
}
