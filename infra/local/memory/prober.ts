import type { Prober } from '../../../shared/readiness/ports.ts';
import type { Eci } from '../world/eci/eci.ts';
import type { Ecs } from '../world/ecs/ecs.ts';
import type { Caller } from './caller.ts';

/** Asks the applications of the world, wherever a probe of the real one would find them; container groups serve while Running. */
export function createMemoryProber(
  { ecs, eci }: { readonly ecs: Ecs; readonly eci: Eci },
  { carrier }: Caller,
): Prober {
  const answers = (address: string, port: number): boolean => {
    if (ecs.applications.answersProbe(address, port)) return true;
    const instanceId = ecs.networkInterfaces.at(address)?.instanceId ?? null;
    if (instanceId !== null && ecs.applications.serves(instanceId, port)) return true;
    return eci.at(address)?.status === 'Running';
  };
  return {
    async probe(privateIp, port, probe) {
      const travel = {
        product: 'vpc',
        action: 'Probe',
        timeoutMs: probe.timeoutMs,
        parameters: { privateIp, port },
        about: () => `${privateIp}:${port}`,
      } as const;
      try {
        const isReady = await carrier.carry(travel, async () => answers(privateIp, port));
        return { isReady, reason: isReady ? null : 'the connection was refused' };
      } catch {
        // Whatever kept the answer away: the server did not prove anything.
        return { isReady: false, reason: `no answer within ${probe.timeoutMs} ms` };
      }
    },
  };
}
