import type { LaneInput } from '../../shared/server-groups/model.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  aLoadBalancer,
  anInput,
  anInstance,
  aRow,
  aSignal,
  instancesSeen,
  LIMITS,
  NOW_MS,
  TIMING,
} from '../support/builders.ts';

/** The input of a plan for one group with so many backends. */
export type Situation = (backends: number) => LaneInput;

const RAMP = { rampPercents: [10, 50], rampEveryMs: 30_000 };
const FIRST_RAMP_WEIGHT = 10;

/** What a plan may find, from nothing to everything at once. The quota of backends is raised to the size. */
export const SITUATIONS: Readonly<Record<string, Situation>> = {
  'nothing to do': (backends) => {
    const ids = serverIds(backends);
    return anInput({
      group: aGroup(ids.map((id) => aBackend(id))),
      rows: ids.map((id) => aRow(id)),
      instances: instancesSeen(ids.map((id) => anInstance(id))),
      ...cloudOf(ids, ids.length),
    });
  },
  'all join': (backends) => {
    const ids = serverIds(backends);
    return anInput({
      instances: instancesSeen(ids.map((id) => anInstance(id))),
      signals: ids.map((id) => aSignal(id, 'Running')),
      timing: { ...TIMING, gatherMs: 0 },
      ...cloudOf([], ids.length),
    });
  },
  'all take a step of their ramp': (backends) => {
    const ids = serverIds(backends);
    const rampSinceMs = NOW_MS - RAMP.rampEveryMs;
    return anInput({
      bindings: [aBinding({ join: RAMP })],
      group: aGroup(ids.map((id) => aBackend(id, { weight: FIRST_RAMP_WEIGHT }))),
      rows: ids.map((id) => aRow(id, { phase: 'ramping', rampStep: 0, rampSinceMs })),
      instances: instancesSeen(ids.map((id) => anInstance(id))),
      timing: { ...TIMING, gatherMs: 0 },
      ...cloudOf(ids, ids.length),
    });
  },
  'all drain': (backends) => {
    const ids = serverIds(backends);
    return anInput({
      group: aGroup(ids.map((id) => aBackend(id))),
      rows: ids.map((id) => aRow(id)),
      instances: instancesSeen(ids.map((id) => anInstance(id, { status: 'Stopping' }))),
      signals: ids.map((id) => aSignal(id, 'Stopping')),
      ...cloudOf(ids, ids.length),
    });
  },
};

/** The load balancer with these backends, all healthy, and room for more. */
function cloudOf(
  healthyIds: ReadonlyArray<string>,
  backends: number,
): Pick<LaneInput, 'loadBalancer' | 'health' | 'limits'> {
  return {
    loadBalancer: aLoadBalancer({ backendCount: healthyIds.length }),
    health: healthyIds.map((serverId) => ({
      listenerPort: 80,
      protocol: 'http',
      serverId,
      port: 8080,
      status: 'normal',
    })),
    limits: { ...LIMITS, backendsPerLoadBalancer: 2 * backends },
  };
}

function serverIds(count: number): ReadonlyArray<string> {
  return Array.from({ length: count }, (_, index) => `i-bench${String(index).padStart(6, '0')}`);
}
