import { type LocalClouds, startLocalClouds } from '../../../../infra/local/clouds.ts';
import { steadyCarrier } from '../../../../infra/local/memory/carrier.ts';
import { deployInMemory } from '../../../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import { createMemoryTransports, rpcProducts } from '../../../../infra/local/memory/transports.ts';
import { systemClock } from '../../../../infra/local/world/clock.ts';
import { ECS_VERSION } from '../../../../shared/adapters/alibaba/ecs-gateway.ts';
import { createInvoker } from '../../../../shared/adapters/alibaba/invoker.ts';
import { createRpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { SLB_API } from '../../../../shared/adapters/alibaba/slb-gateway.ts';
import { createQueueClient } from '../../../../shared/adapters/mns/queue-client.ts';
import { createTableClient } from '../../../../shared/adapters/tablestore/client.ts';
import { RECONCILE_FUNCTION } from '../../../../shared/sweep/model.ts';

const TIMEOUT_MS = 2_000;

/** The transports that both skins have. */
export type SharedTransports = Pick<
  ReturnType<typeof createMemoryTransports>,
  'tables' | 'slb' | 'ecs' | 'queues' | 'reconcile'
>;

/** One world of its own with the shipped deployment, and the way to it. */
export interface Skin {
  readonly clouds: LocalClouds;
  /** Of a session of the functions' role. */
  readonly transports: SharedTransports;
  /** As `transports`, for the administrator. */
  readonly administrator: SharedTransports;
}

/** Two worlds that are alike: one reached by the real SDKs over HTTP, the other one directly. */
export async function openSkins(): Promise<{ http: Skin; memory: Skin }> {
  return { http: await openSkin('http'), memory: await openSkin('memory') };
}

async function openSkin(kind: 'http' | 'memory'): Promise<Skin> {
  const deployment = await readMemoryDeployment();
  const clouds = await startLocalClouds({
    ...deployment.place,
    switches: { slbRetryAfterMs: 1_234 },
    ecsTimings: { pendingMs: 1, startingMs: 1, stoppingMs: 1, releasingMs: 1 },
  });
  deployInMemory(clouds, deployment, false);
  const session = clouds.foundation.identities.assumeRole(deployment.roleName, 'worker', 3_600_000);
  const { administrator } = clouds.foundation.identities;
  const open = kind === 'http' ? overHttp : directly;
  return { clouds, transports: open(clouds, session), administrator: open(clouds, administrator) };
}

type Key = ReturnType<LocalClouds['foundation']['identities']['assumeRole']>;

function overHttp(clouds: LocalClouds, key: Key): SharedTransports {
  const { endpoints, foundation, tablestore } = clouds;
  const { accessKeyId, accessKeySecret, securityToken } = key;
  const common = {
    accessKey: () => ({ accessKeyId, accessKeySecret, securityToken }),
    timeoutMs: TIMEOUT_MS,
  };
  const rpc = { ...common, regionId: foundation.region };
  return {
    tables: createTableClient({
      ...common,
      endpoint: endpoints.ots,
      instance: tablestore.instanceName,
      clock: systemClock(),
    }),
    slb: createRpcClient({ ...rpc, endpoint: endpoints.slb, ...SLB_API }),
    ecs: createRpcClient({ ...rpc, endpoint: endpoints.ecs, version: ECS_VERSION }),
    queues: createQueueClient({
      ...common,
      accountId: foundation.identities.accountId,
      endpoint: endpoints.mns,
    }),
    reconcile: createInvoker({
      ...rpc,
      accountId: foundation.identities.accountId,
      endpoint: endpoints.fc,
      functionName: RECONCILE_FUNCTION,
    }),
  };
}

function directly(clouds: LocalClouds, { principal }: Key): SharedTransports {
  const clock = systemClock();
  return createMemoryTransports(
    {
      ...clouds,
      functions: {
        start: (name, asyncTaskId, payload) =>
          clouds.host.invoke(name, payload, { invocationType: 'Async', asyncTaskId }),
      },
      connections: new Map(),
      products: rpcProducts(clouds),
    },
    { principal, ownClock: clock, carrier: steadyCarrier(clock), timeoutMs: TIMEOUT_MS },
  );
}
