import { backendTypeFaults } from './backend-type-checks.ts';
import { STATUS_MAX, STATUS_MIN } from './binding.ts';
import { formatDuration } from './duration.ts';
import { type ConfigPath, describeValue, formatPath, type PathFault } from './faults.ts';
import { groupFaults } from './group-checks.ts';
import { pairFaults } from './pair-checks.ts';
import { groupKeyAt, listAt, policyAt, valueAt } from './raw-values.ts';
import { requestFaults } from './request-checks.ts';
import { scalingFaults } from './scaling-checks.ts';
import { TimingSchema } from './schema.ts';
import { selectorFaults } from './selector-checks.ts';
import { LEASE_MARGIN_MS, LEASE_SLACK_MS, resolveTiming } from './timing.ts';
import { weightFaults } from './weight-checks.ts';

/**
 * What several values must agree on. Reads the file's values as they are, right or wrong, so that these faults show
 * up together with those of single values.
 */
export function crossFaults(file: unknown): ReadonlyArray<PathFault> {
  const bindings = listAt(file, 'bindings');
  return [
    ...bindings.flatMap((binding, index) =>
      selectorFaults(valueAt(binding, 'selector'), ['bindings', index, 'selector']),
    ),
    ...bindings.flatMap((binding, index) => backendTypeFaults(binding, ['bindings', index])),
    ...repeatedNames(bindings),
    ...sharedPorts(bindings),
    ...dividedGroups(bindings),
    ...groupFaults(file),
    ...weightFaults(bindings),
    ...bindings.flatMap((binding, index) => readinessFaults(file, binding, ['bindings', index])),
    ...['defaults', ...bindings.keys()].flatMap((place) => policyFaults(file, place)),
    ...timingFaults(valueAt(file, 'timing')),
    ...limitFaults(valueAt(file, 'limits')),
    ...scalingFaults(file),
    ...pairFaults(file),
    ...requestFaults(file),
  ];
}

function repeatedNames(bindings: ReadonlyArray<unknown>): Array<PathFault> {
  const firstOf = new Map<unknown, number>();
  return bindings.flatMap((binding, index) => {
    const name = valueAt(binding, 'name');
    const first = firstOf.get(name);
    if (typeof name !== 'string') return [];
    firstOf.set(name, first ?? index);
    if (first === undefined) return [];
    const found = `${describeValue(name)}, which is the name of bindings[${first}] as well`;
    return [{ path: ['bindings', index, 'name'], found, allowed: 'a name that no other binding has' }];
  });
}

function sharedPorts(bindings: ReadonlyArray<unknown>): Array<PathFault> {
  const ownerOf = new Map<string, string>();
  return bindings.flatMap((binding, index) =>
    listAt(binding, 'ports').flatMap((entry, portIndex) => {
      const group = groupKeyAt(binding);
      const port = valueAt(entry, 'port');
      if (group === null || typeof port !== 'number') return [];
      const type = valueAt(binding, 'type') ?? 'ecs';
      const place = `${group} ${String(type)}:${port}`;
      const owner = ownerOf.get(place);
      const path = ['bindings', index, 'ports', portIndex, 'port'];
      const self = `${describeBinding(binding, index)}`;
      ownerOf.set(place, owner ?? self);
      if (owner === undefined) return [];
      const twice = owner === self ? `twice in ${self}` : `in ${owner} and again in ${self}`;
      const id = valueAt(binding, 'vServerGroup');
      const found = `port ${port} of ${id === undefined ? group : describeValue(id)} ${twice}`;
      const allowed = 'each port of a vServer group once for servers of one type, in one binding';
      return [{ path, found, allowed }];
    }),
  );
}

function dividedGroups(bindings: ReadonlyArray<unknown>): Array<PathFault> {
  const firstOf = new Map<string, { loadBalancer: string; described: string }>();
  return bindings.flatMap((binding, index) => {
    const group = valueAt(binding, 'vServerGroup');
    const loadBalancer = valueAt(binding, 'loadBalancer');
    if (typeof group !== 'string' || typeof loadBalancer !== 'string') return [];
    const first = firstOf.get(group) ?? { loadBalancer, described: describeBinding(binding, index) };
    firstOf.set(group, first);
    if (first.loadBalancer === loadBalancer) return [];
    const elsewhere = `which ${first.described} has under ${describeValue(first.loadBalancer)}`;
    const found = `${describeValue(loadBalancer)} for ${describeValue(group)}, ${elsewhere}`;
    return [
      { path: ['bindings', index, 'loadBalancer'], found, allowed: 'one load balancer for a vServer group' },
    ];
  });
}

function timingFaults(timing: unknown): Array<PathFault> {
  const parsed = TimingSchema.safeParse(timing);
  if (!parsed.success) return [];
  const { leaseMs, callTimeoutMs } = resolveTiming(parsed.data);
  const leastMs = callTimeoutMs + LEASE_MARGIN_MS + LEASE_SLACK_MS;
  if (leaseMs >= leastMs) return [];
  const found = `a lease of ${formatDuration(leaseMs)} with a callTimeout of ${formatDuration(callTimeoutMs)}`;
  const allowed = `a lease of at least ${formatDuration(leastMs)}: a write is sent only while the lease outlives the call timeout by ${formatDuration(LEASE_MARGIN_MS)}, and ${formatDuration(LEASE_SLACK_MS)} must remain to send it`;
  const key = valueAt(timing, 'lease') === undefined ? 'callTimeout' : 'lease';
  return [{ path: ['timing', key], found, allowed }];
}

/** Documents disagree about the health of a backend at weight 0, so it proves nothing unless somebody has settled it. */
function readinessFaults(file: unknown, binding: unknown, path: ConfigPath): Array<PathFault> {
  const readiness = valueAt(binding, 'readiness') ?? valueAt(valueAt(file, 'defaults'), 'readiness');
  if (readiness !== 'load-balancer' && readiness !== 'both') return [];
  if (policyAt(file, binding, 'join', 'weight') !== 0) return [];
  if (valueAt(valueAt(file, 'assume'), 'healthAtWeightZero') === 'as-checked') return [];
  const found = `a join weight of 0 with readiness ${describeValue(readiness)}`;
  const allowed =
    'a join weight of 1, since documents disagree about the health of a backend at weight 0 (or assume.healthAtWeightZero: as-checked, once you have seen it)';
  return [{ path: [...path, 'readiness'], found, allowed }];
}

function policyFaults(file: unknown, place: string | number): Array<PathFault> {
  const path: ConfigPath = typeof place === 'string' ? [place] : ['bindings', place];
  const policy = typeof place === 'string' ? valueAt(file, place) : listAt(file, 'bindings')[place];
  const steps = listAt(valueAt(valueAt(policy, 'join'), 'ramp'), 'steps');
  const falls = steps.findIndex((step, index) => index > 0 && Number(step) <= Number(steps[index - 1]));
  const faults: Array<PathFault> = [];
  if (falls > 0) {
    const found = `${describeValue(steps[falls])} after ${describeValue(steps[falls - 1])}`;
    faults.push({ path: [...path, 'join', 'ramp', 'steps', falls], found, allowed: 'steps that rise' });
  }
  const probe = valueAt(policy, 'probe');
  const saysStatus = ['statusMin', 'statusMax'].some((key) => valueAt(probe, key) !== undefined);
  const min = policyAt(file, policy, 'probe', 'statusMin') ?? STATUS_MIN;
  const max = policyAt(file, policy, 'probe', 'statusMax') ?? STATUS_MAX;
  if (saysStatus && Number(min) > Number(max)) {
    const key = valueAt(probe, 'statusMax') === undefined ? 'statusMin' : 'statusMax';
    const found = `${describeValue(min)} to ${describeValue(max)}`;
    faults.push({ path: [...path, 'probe', key], found, allowed: 'a statusMin that is not above statusMax' });
  }
  return faults;
}

function limitFaults(limits: unknown): Array<PathFault> {
  const reserve = valueAt(limits, 'reserveForPeople');
  const calls = valueAt(limits, 'callsPerMinute') ?? 90;
  if (typeof reserve !== 'number' || typeof calls !== 'number' || reserve < calls) return [];
  const found = `${reserve} of ${calls} calls a minute`;
  return [{ path: ['limits', 'reserveForPeople'], found, allowed: 'less than callsPerMinute' }];
}

function describeBinding(binding: unknown, index: number): string {
  const name = valueAt(binding, 'name');
  const place = formatPath(['bindings', index]);
  return typeof name === 'string' ? `${describeValue(name)} (${place})` : place;
}
