import type { SweepCalls } from '../../sweep/model.ts';
import type { CallCounter } from '../../sweep/ports.ts';
import type { RpcClient } from './rpc-client.ts';

type Clients = Readonly<Record<keyof SweepCalls, RpcClient>>;

/** The same clients, and a counter of the calls that are made with them. */
export function countedClients({ slb, ecs, ess, eci }: Clients): Clients & { readonly calls: CallCounter } {
  const made = { slb: 0, ecs: 0, ess: 0, eci: 0 };
  const counted = (product: keyof SweepCalls, client: RpcClient): RpcClient => ({
    async call(...call) {
      made[product]++;
      return await client.call(...call);
    },
  });
  return {
    slb: counted('slb', slb),
    ecs: counted('ecs', ecs),
    ess: counted('ess', ess),
    eci: counted('eci', eci),
    calls: { made: () => ({ ...made }) },
  };
}
