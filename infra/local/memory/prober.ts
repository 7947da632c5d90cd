import type { Prober } from '../../../shared/readiness/ports.ts';
import type { Ecs } from '../world/ecs/ecs.ts';
import type { Caller } from './caller.ts';

/** Asks the instances' applications of the world, wherever a probe of the real one would find them. */
export function createMemoryProber(ecs: Ecs, { carrier }: Caller): Prober {
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
        const isReady = await carrier.carry(travel, async () =>
          ecs.applications.answersProbe(privateIp, port),
        );
        return { isReady, reason: isReady ? null : 'the connection was refused' };
      } catch {
        // Whatever kept the answer away: the server did not prove anything.
        return { isReady: false, reason: `no answer within ${probe.timeoutMs} ms` };
      }
    },
  };
}
