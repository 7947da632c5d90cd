import fc from 'fast-check';
import type { OrderCause } from '../../../shared/acceptance/model.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import type { InstanceStatus } from '../../../shared/instances/model.ts';
import type { BackendPhase, BackendRow } from '../../../shared/server-groups/backend/record.ts';
import {
  ASSUME,
  aBackend,
  aBinding,
  aListener,
  aLoadBalancer,
  anInstance,
  aRow,
  GROUP,
  LIMITS,
  NOW_MS,
} from '../../support/builders.ts';
import { PlayedLane } from './played-lane.ts';

export const OTHER_GROUP = 'rsp-bp1other00001';

const statuses = fc.constantFrom<InstanceStatus>('Pending', 'Starting', 'Running', 'Stopping', 'Stopped');
const mostlyRunning = fc.oneof(
  { weight: 6, arbitrary: fc.constant<InstanceStatus | 'absent'>('Running') },
  { weight: 2, arbitrary: statuses },
  { weight: 1, arbitrary: fc.constant<InstanceStatus | 'absent'>('absent') },
);
const healths = fc.constantFrom('normal', 'normal', 'abnormal', 'unavailable', null);
const causes = fc.constantFrom<OrderCause>(
  'scale-in',
  'spot-reclaim',
  'maintenance',
  'change-request',
  'health-alarm',
);
const phases = fc.constantFrom<BackendPhase | null>(
  'joining',
  'ramping',
  'in-service',
  'in-service',
  'in-service',
  'draining',
  'removed',
  null,
);
const agoMs = fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: null });

const servers = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 60 }),
    status: mostlyRunning,
    isSelected: fc.boolean(),
    isReclaimed: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    weight: fc.option(fc.constantFrom(0, 1, 10, 50, 100), { nil: null, freq: 4 }),
    description: fc.constantFrom('slb-autopilot/web', 'slb-autopilot/web', '', 'theirs'),
    phase: phases,
    rampStep: fc.integer({ min: 0, max: 4 }),
    sinceMs: agoMs,
    order: fc.option(causes, { nil: null, freq: 3 }),
    refusals: fc.constantFrom(0, 0, 0, 1, 2),
    health: healths,
    answers: fc.boolean(),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 30 },
);

const policies = fc.record({
  minInService: fc.integer({ min: 1, max: 8 }),
  maxDisruptionPercent: fc.constantFrom(1, 20, 50, 100),
  maxUnselectedPercent: fc.constantFrom(20, 50, 100),
  readiness: fc.constantFrom<Binding['readiness']>('running', 'load-balancer', 'probe', 'both'),
  joinWeight: fc.constantFrom<0 | 1>(0, 1),
  whenNotReady: fc.constantFrom<'stay' | 'remove'>('stay', 'remove'),
  rampPercents: fc.constantFrom([], [50], [10, 50], [1, 2, 99]),
  whenNotGuaranteed: fc.constantFrom<'wait' | 'refuse'>('wait', 'refuse'),
  countsConnections: fc.boolean(),
  adopt: fc.boolean(),
  scheduler: fc.constantFrom<'wrr' | 'wlc' | 'rr' | 'sch'>('wrr', 'wrr', 'wlc', 'rr', 'sch'),
  protocol: fc.constantFrom<'http' | 'udp'>('http', 'http', 'udp'),
  isHealthChecked: fc.boolean(),
  isAsChecked: fc.boolean(),
  quota: fc.constantFrom(5, 20, 200),
  hasSecondGroup: fc.boolean(),
});

const happenings = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 60_000 }),
    serverIndex: fc.nat({ max: 29 }),
    what: fc.oneof(
      statuses.map((status) => ({ kind: 'becomes', status }) as const),
      causes.map((cause) => ({ kind: 'leave', cause }) as const),
      causes.map((cause) => ({ kind: 'return', cause }) as const),
      healths.map((status) => ({ kind: 'health', status }) as const),
      fc.constant({ kind: 'loses its tag' } as const),
      fc.constant({ kind: 'is released' } as const),
    ),
    ref: fc.constantFrom(null, null, 'e-1', 'e-2'),
    fromMs: fc.option(fc.integer({ min: -10_000, max: 300_000 }), { nil: null, freq: 1 }),
    untilMs: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: null }),
    deadlineMs: fc.option(fc.integer({ min: 0, max: 300_000 }), { nil: null }),
  }),
  { maxLength: 12 },
);

/** What a lane is drawn from; records and clouds agree or not, as it falls. */
export const draws = fc.record({ servers, policies, happenings });

export type Draw = typeof draws extends fc.Arbitrary<infer Value> ? Value : never;

const nameOf = (id: number) => `i-web${String(id).padStart(4, '0')}`;

/** The lane of a draw, before anything happens in it. */
export function laneOf({ servers: drawn, policies: policy }: Draw): PlayedLane {
  const web = aBinding({
    readiness: policy.readiness,
    adopt: policy.adopt,
    guards: {
      minInService: policy.minInService,
      maxDisruptionPercent: policy.maxDisruptionPercent,
      maxUnselectedPercent: policy.maxUnselectedPercent,
    },
    join: {
      weight: policy.joinWeight,
      whenNotReady: policy.whenNotReady,
      rampPercents: policy.rampPercents,
    },
    drain: {
      whenNotGuaranteed: policy.whenNotGuaranteed,
      connections: policy.countsConnections ? { floor: 0, samples: 2, everyMs: 5_000 } : null,
    },
  });
  const lane = policy.hasSecondGroup
    ? new PlayedLane(web, aBinding({ name: 'second', vServerGroupId: OTHER_GROUP }))
    : new PlayedLane(web);
  const { scheduler, protocol, isHealthChecked } = policy;
  lane.loadBalancer = aLoadBalancer({ listeners: [aListener({ scheduler, protocol, isHealthChecked })] });
  lane.overrides = {
    limits: { ...LIMITS, backendsPerLoadBalancer: policy.quota },
    assume: policy.isAsChecked ? { ...ASSUME, healthAtWeightZero: 'as-checked' } : ASSUME,
  };
  const ready = new Set<string>();
  for (const each of drawn) {
    const serverId = nameOf(each.id);
    if (each.answers) ready.add(serverId);
    if (each.status !== 'absent') {
      const tags: Record<string, string> = each.isSelected ? { role: 'web' } : {};
      const lockReasons = each.isReclaimed ? ['Recycling'] : [];
      lane.withInstances(anInstance(serverId, { status: each.status, tags, lockReasons }));
    }
    if (each.weight !== null) {
      lane.withBackends(aBackend(serverId, { weight: each.weight, description: each.description }));
    }
    if (each.phase !== null) lane.withRows(rowOf(each, each.phase));
    if (each.health !== null) {
      const { health: status } = each;
      lane.health.set(serverId, { listenerPort: 80, protocol, serverId, port: 8080, status });
    }
    if (each.phase === null) lane.hear(serverId, { kind: 'state', state: 'Running' });
  }
  lane.onProbe = ({ backend: { serverId } }) =>
    ready.has(serverId) ? { isReady: true, reason: null } : { isReady: false, reason: 'no answer' };
  lane.onCount = (serverId) => (ready.has(serverId) ? 0 : null);
  return lane;
}

function rowOf(drawn: Draw['servers'][number], phase: BackendPhase): BackendRow {
  const sinceMs = drawn.sinceMs === null ? null : NOW_MS - drawn.sinceMs;
  // An alarm keeps its backend in the group, so nobody is removed for one.
  const mayHaveOrder = phase === 'draining' || (phase === 'removed' && drawn.order !== 'health-alarm');
  const order =
    drawn.order !== null && mayHaveOrder
      ? { cause: drawn.order, ref: null, sinceMs: sinceMs ?? NOW_MS, deadlineAtMs: null, untilMs: null }
      : null;
  const isJoining = phase === 'joining';
  return aRow(nameOf(drawn.id), {
    phase,
    orders: order === null ? [] : [order],
    cause: phase === 'draining' || phase === 'removed' ? (order?.cause ?? 'stopped') : null,
    decidedAtMs: isJoining ? (sinceMs ?? NOW_MS) : null,
    dueSinceMs: isJoining ? (sinceMs ?? NOW_MS) : null,
    listedAtMs: isJoining && drawn.weight !== null ? sinceMs : null,
    rampStep: phase === 'ramping' ? drawn.rampStep : 0,
    rampSinceMs: phase === 'ramping' ? sinceMs : null,
    weightZeroAtMs: phase === 'draining' ? sinceMs : null,
    confirmedWeight: phase === 'in-service' && drawn.weight === 100 ? 100 : null,
    refusals: drawn.refusals,
  });
}

/** Lets it all happen, each thing with a look, and the time between them pass with the looks that were asked for. */
export function play(lane: PlayedLane, { happenings: drawn, servers: known }: Draw): void {
  lane.look();
  for (const { afterMs, serverIndex, what, ref, fromMs, untilMs, deadlineMs } of drawn) {
    lane.advance(afterMs);
    const serverId = nameOf(known[serverIndex % known.length]?.id ?? 0);
    const instance = lane.instances.get(serverId);
    switch (what.kind) {
      case 'becomes':
        if (instance !== undefined) lane.becomes(serverId, what.status);
        break;
      case 'leave':
        lane.order(serverId, what.cause, {
          ref,
          fromMs: fromMs === null ? null : lane.nowMs + fromMs,
          untilMs: untilMs === null ? null : lane.nowMs + untilMs,
          deadlineAtMs: deadlineMs === null ? null : lane.nowMs + deadlineMs,
        });
        break;
      case 'return':
        lane.takeBack(serverId, what.cause, lane.nowMs, ref);
        break;
      case 'health':
        lane.withHealth(what.status, serverId);
        break;
      case 'loses its tag':
        if (instance !== undefined) lane.withInstances({ ...instance, tags: {} });
        break;
      case 'is released':
        lane.instances.delete(serverId);
        lane.hear(serverId, { kind: 'state', state: 'Deleted' });
    }
    lane.look();
  }
}

/** The groups of a lane that are planned. */
export const GROUPS = [GROUP, OTHER_GROUP] as const;
