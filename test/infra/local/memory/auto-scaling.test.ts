import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { steadyCarrier } from '../../../../infra/local/memory/carrier.ts';
import { createMemoryRpcClient } from '../../../../infra/local/memory/rpc-client.ts';
import { rpcProducts } from '../../../../infra/local/memory/transports.ts';
import { systemClock } from '../../../../infra/local/world/clock.ts';
import { GATEWAY_REFUSALS } from '../../../../shared/adapters/alibaba/refusals/gateway.ts';
import { createRpcClient, type RpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { RejectedError } from '../../../../shared/errors.ts';
import { openSkins, type Skin } from './skins.ts';

const TIMEOUT_MS = 2_000;

let clients: Record<'http' | 'memory', { readonly skin: Skin; readonly ess: RpcClient }>;
beforeAll(async () => {
  const { http, memory } = await openSkins();
  for (const { clouds } of [http, memory]) {
    clouds.foundation.identities.putRole('nobody', []);
    clouds.ess.seedScalingGroup({ scalingGroupId: 'asg-1', minSize: 0, maxSize: 1 });
  }
  const session = (skin: Skin) => skin.clouds.foundation.identities.assumeRole('nobody', 'test', 60_000);
  const { accessKeyId, accessKeySecret, securityToken } = session(http);
  clients = {
    http: {
      skin: http,
      ess: createRpcClient({
        accessKey: () => ({ accessKeyId, accessKeySecret, securityToken }),
        endpoint: http.clouds.endpoints.ess,
        regionId: http.clouds.foundation.region,
        timeoutMs: TIMEOUT_MS,
        version: '2022-02-22',
      }),
    },
    memory: {
      skin: memory,
      ess: createMemoryRpcClient(
        memory.clouds.foundation,
        rpcProducts(memory.clouds).ess,
        {
          principal: session(memory).principal,
          ownClock: systemClock(),
          carrier: steadyCarrier(systemClock()),
          timeoutMs: TIMEOUT_MS,
        },
        GATEWAY_REFUSALS,
      ),
    },
  };
});
afterAll(async () => {
  for (const { skin } of Object.values(clients)) await skin.clouds.close();
});

describe('both skins of Auto Scaling', () => {
  it.each(['http', 'memory'] as const)('deny in its own words: %s', async (kind) => {
    const { ess } = clients[kind];

    const failure = await ess
      .call('DescribeScalingInstances', 'read', { ScalingGroupId: 'asg-1' }, z.object({}))
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(RejectedError);
    expect(failure).toMatchObject({ origin: { code: 'Forbidden.Unauthorized' } });
  });
});
