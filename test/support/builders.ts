import type { Signal } from '../../shared/acceptance/model.ts';
import type { Binding } from '../../shared/config/binding.ts';
import type { EcsInstance, InstanceObservation } from '../../shared/instances/model.ts';
import { NO_NOTES } from '../../shared/lanes/model.ts';
import {
  type BackendRow,
  type LaneInput,
  markOf,
  type ObservedBackend,
  type ObservedGroup,
} from '../../shared/server-groups/model.ts';

/** 2026-04-09T04:18:26Z, a Thursday: the instant at which the tests' clocks stand. */
export const NOW_MS = 1_775_708_306_000;

export const LB = 'lb-bp1orders0001';
export const GROUP = 'rsp-bp1web000001';

/** A binding of instances tagged role=web to port 8080 with weight 100. */
export function aBinding(overrides: Partial<Binding> = {}): Binding {
  return {
    name: 'web',
    loadBalancerId: LB,
    vServerGroupId: GROUP,
    selector: { kind: 'tags', tags: { role: 'web' } },
    ports: [{ port: 8080, weight: 100 }],
    readiness: 'running',
    drainTimeMs: 30_000,
    adopt: false,
    guards: { minInService: 1 },
    ...overrides,
  };
}

/** A Running instance tagged role=web. */
export function anInstance(instanceId: string, overrides: Partial<EcsInstance> = {}): EcsInstance {
  return { instanceId, status: 'Running', tags: { role: 'web' }, ...overrides };
}

/** An honest answer: these instances, and of the others asked for nothing. */
export function instancesSeen(
  present: ReadonlyArray<EcsInstance>,
  absent: ReadonlyArray<string> = [],
): InstanceObservation {
  return {
    present: new Map(present.map((instance) => [instance.instanceId, instance])),
    asked: new Set([...present.map(({ instanceId }) => instanceId), ...absent]),
  };
}

/** A backend of ours on port 8080 at weight 100. */
export function aBackend(serverId: string, overrides: Partial<ObservedBackend> = {}): ObservedBackend {
  return {
    vServerGroupId: GROUP,
    serverId,
    port: 8080,
    serverIp: null,
    weight: 100,
    description: markOf('web'),
    ...overrides,
  };
}

/** A group with these backends, read just now. */
export function aGroup(
  backends: ReadonlyArray<ObservedBackend>,
  overrides: Partial<ObservedGroup> = {},
): ObservedGroup {
  return { vServerGroupId: GROUP, loadBalancerId: LB, backends, readAtMs: NOW_MS, ...overrides };
}

/** The record of a backend in service. */
export function aRow(serverId: string, overrides: Partial<BackendRow> = {}): BackendRow {
  return {
    vServerGroupId: GROUP,
    serverId,
    port: 8080,
    serverIp: null,
    binding: 'web',
    phase: 'in-service',
    cause: null,
    generation: 1,
    readySinceMs: null,
    weightZeroAtMs: null,
    hasDeletedEvent: false,
    absentSinceMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
    revision: 2,
    fence: 1,
    ...overrides,
  };
}

/** A signal that was accepted just now. */
export function aSignal(instanceId: string, state: Signal['state'], overrides: Partial<Signal> = {}): Signal {
  return {
    key: `event-${instanceId}-${state}`,
    instanceId,
    state,
    eventAtMs: NOW_MS - 1_000,
    acceptedAtMs: NOW_MS,
    ...overrides,
  };
}

/** The input of a plan for one group; what is left out is empty. */
export function anInput(overrides: Partial<LaneInput> & { group?: ObservedGroup | null } = {}): LaneInput {
  const { group = aGroup([]), ...rest } = overrides;
  return {
    loadBalancerId: LB,
    bindings: [aBinding()],
    groups: new Map([[GROUP, group]]),
    instances: instancesSeen([]),
    rows: [],
    signals: [],
    notes: NO_NOTES,
    timing: { gatherMs: 2_000, settleMs: 3_000 },
    nowMs: NOW_MS,
    ...rest,
  };
}
