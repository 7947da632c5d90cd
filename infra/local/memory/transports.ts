import { GATEWAY_REFUSALS } from '../../../shared/adapters/alibaba/refusals/gateway.ts';
import { SLB_REFUSALS } from '../../../shared/adapters/alibaba/refusals/slb.ts';
import type { Transports } from '../../../shared/adapters/production.ts';
import { RECONCILE_FUNCTION } from '../../../shared/sweep/model.ts';
import { eciProduct } from '../http/rpc/eci.ts';
import { ecsProduct } from '../http/rpc/ecs.ts';
import { essProduct } from '../http/rpc/ess.ts';
import type { RpcProduct } from '../http/rpc/product.ts';
import { slbProduct } from '../http/rpc/slb.ts';
import type { Eci } from '../world/eci/eci.ts';
import type { Ecs } from '../world/ecs/ecs.ts';
import type { Ess } from '../world/ess/ess.ts';
import type { Foundation } from '../world/foundation.ts';
import type { Mns } from '../world/mns/mns.ts';
import type { Slb } from '../world/slb/slb.ts';
import type { Tablestore } from '../world/tablestore/tablestore.ts';
import type { Caller } from './caller.ts';
import { createMemoryInvoker, type StartsTasks } from './invoker.ts';
import { createMemoryProber } from './prober.ts';
import { createMemoryQueueClient } from './queue-client.ts';
import { createMemoryRpcClient } from './rpc-client.ts';
import { createMemoryTableClient } from './table-client.ts';

/** The clouds that the transports lead to. */
export interface MemoryWorld {
  readonly foundation: Foundation;
  readonly ecs: Ecs;
  readonly eci: Eci;
  readonly ess: Ess;
  readonly slb: Slb;
  readonly tablestore: Tablestore;
  readonly mns: Mns;
  readonly functions: StartsTasks;
  /** Connections that instances have, by id; one that is left out has no sample. */
  readonly connections: Map<string, number>;
  /** The operations that the RPC endpoints would serve. */
  readonly products: Readonly<Record<'slb' | 'ecs' | 'ess' | 'eci', RpcProduct>>;
}

/** The operations of the RPC products on these clouds. */
export function rpcProducts({
  foundation,
  slb,
  ecs,
  ess,
  eci,
}: Pick<MemoryWorld, 'foundation' | 'slb' | 'ecs' | 'ess' | 'eci'>): MemoryWorld['products'] {
  return {
    slb: slbProduct(foundation, slb),
    ecs: ecsProduct(foundation, ecs),
    ess: essProduct(foundation, ess),
    eci: eciProduct(foundation, eci),
  };
}

/** The ways of one caller to the clouds, in place of the SDKs'. Everything above them is what production runs. */
export function createMemoryTransports(world: MemoryWorld, caller: Caller): Transports {
  const { foundation, tablestore, mns, functions, products, connections } = world;
  return {
    tables: createMemoryTableClient(foundation, tablestore, caller),
    slb: createMemoryRpcClient(foundation, products.slb, caller, SLB_REFUSALS),
    ecs: createMemoryRpcClient(foundation, products.ecs, caller, GATEWAY_REFUSALS),
    ess: createMemoryRpcClient(foundation, products.ess, caller, GATEWAY_REFUSALS),
    eci: createMemoryRpcClient(foundation, products.eci, caller, GATEWAY_REFUSALS),
    queues: createMemoryQueueClient(foundation, mns, caller),
    reconcile: createMemoryInvoker(foundation, functions, RECONCILE_FUNCTION, caller),
    prober: createMemoryProber(world, caller),
    connections: {
      of: async (instanceIds) =>
        new Map(
          [...connections]
            .filter(([id]) => instanceIds.includes(id))
            .map(([id, count]) => [id, { count, sinceMs: foundation.clock.nowMs() }]),
        ),
    },
  };
}
