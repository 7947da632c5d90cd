import { ECI_VERSION } from '../../shared/adapters/alibaba/eci-gateway.ts';
import { ECS_VERSION } from '../../shared/adapters/alibaba/ecs-gateway.ts';
import { ESS_VERSION } from '../../shared/adapters/alibaba/ess-gateway.ts';
import {
  createRpcClient,
  type RpcClient,
  type RpcClientOptions,
} from '../../shared/adapters/alibaba/rpc-client.ts';
import { SLB_API } from '../../shared/adapters/alibaba/slb-gateway.ts';
import { createQueueClient, type QueueClient } from '../../shared/adapters/mns/queue-client.ts';
import { systemClock } from '../../shared/adapters/node/system.ts';
import { createTableClient, type TableClient } from '../../shared/adapters/tablestore/client.ts';
import type { Config } from '../../shared/config/load.ts';
import type { CloudsConnection } from './connection.ts';

type Api = Pick<RpcClientOptions, 'version' | 'refusals'>;

/** The ways to the clouds, with the caller's key. */
export interface Transports {
  readonly tables: TableClient;
  readonly slb: RpcClient;
  readonly ecs: RpcClient;
  readonly ess: RpcClient;
  readonly eci: RpcClient;
  readonly queues: QueueClient;
}

/** Opens them; makes no call yet. */
export function openTransports(
  { regionId, timing }: Pick<Config, 'regionId' | 'timing'>,
  connection: CloudsConnection,
): Transports {
  const { accountId, endpoints, otsInstance } = connection;
  const timeoutMs = timing.callTimeoutMs;
  const accessKey = () => connection.accessKey;
  const open = (endpoint: string, api: Api) =>
    createRpcClient({ endpoint, ...api, regionId, accessKey, timeoutMs });
  return {
    tables: createTableClient({
      endpoint: endpoints.ots,
      instance: otsInstance,
      accessKey,
      clock: systemClock,
      timeoutMs,
    }),
    slb: open(endpoints.slb, SLB_API),
    ecs: open(endpoints.ecs, { version: ECS_VERSION }),
    ess: open(endpoints.ess, { version: ESS_VERSION }),
    eci: open(endpoints.eci, { version: ECI_VERSION }),
    queues: createQueueClient({ accountId, endpoint: endpoints.mns, accessKey, timeoutMs }),
  };
}
