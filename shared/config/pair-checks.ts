import { type ConfigPath, describeValue, type PathFault } from './faults.ts';
import { isMap, listAt, valueAt } from './raw-values.ts';
import { selectorFaults } from './selector-checks.ts';
import { tagFaults } from './tags.ts';

/** Ours on every group that we make for a pair: which pair, and which of its changes. */
const OWN_TAGS = 2;

/** What several values about pairs must agree on. */
export function pairFaults(file: unknown): ReadonlyArray<PathFault> {
  const pairs = listAt(file, 'pairs');
  return [
    ...nothingToKeep(file),
    ...repeatedNames(pairs),
    ...sharedListeners(pairs),
    ...pairs.flatMap((pair, index) => selectorFaults(valueAt(pair, 'standby'), ['pairs', index, 'standby'])),
    ...pairs.flatMap((pair, index) => runningForFaults(pair, index)),
    ...pairs.flatMap((pair, index) => groupFaults(valueAt(pair, 'group'), ['pairs', index, 'group'])),
  ];
}

function nothingToKeep(file: unknown): ReadonlyArray<PathFault> {
  const has = ['bindings', 'pairs'].some((key) => valueAt(file, key) !== undefined);
  if (has || !isMap(file)) return [];
  return [{ path: ['bindings'], found: 'nothing', allowed: 'bindings, pairs or both' }];
}

function repeatedNames(pairs: ReadonlyArray<unknown>): ReadonlyArray<PathFault> {
  const names = pairs.map((pair) => valueAt(pair, 'name'));
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (typeof name !== 'string' || first === index) return [];
    const found = `${describeValue(name)}, which is the name of pairs[${first}] as well`;
    return [{ path: ['pairs', index, 'name'], found, allowed: 'a name that no other pair has' }];
  });
}

function sharedListeners(pairs: ReadonlyArray<unknown>): ReadonlyArray<PathFault> {
  const ownerOf = new Map<string, number>();
  return pairs.flatMap((pair, index) =>
    listAt(pair, 'listeners').flatMap((listener, place) => {
      const loadBalancer = valueAt(pair, 'loadBalancer');
      if (typeof loadBalancer !== 'string' || typeof listener !== 'string') return [];
      const key = `${loadBalancer} ${listener}`;
      const owner = ownerOf.get(key);
      ownerOf.set(key, owner ?? index);
      if (owner === undefined) return [];
      const found = `${describeValue(listener)} of ${describeValue(loadBalancer)}, which pairs[${owner}] has`;
      const allowed = 'each listener of a load balancer once, in one pair';
      return [{ path: ['pairs', index, 'listeners', place], found, allowed }];
    }),
  );
}

/** A time that nobody asks for is a mistake about what proves a candidate. */
function runningForFaults(pair: unknown, index: number): ReadonlyArray<PathFault> {
  if (valueAt(pair, 'runningFor') === undefined || valueAt(pair, 'candidate') === 'running-for') return [];
  const found = 'runningFor while candidates are probed';
  return [{ path: ['pairs', index, 'runningFor'], found, allowed: 'runningFor with candidate: running-for' }];
}

/** SLB takes two ports of one server for a pair, but not the same port twice. */
function groupFaults(group: unknown, path: ConfigPath): ReadonlyArray<PathFault> {
  const tags = tagFaults(valueAt(group, 'tags'), [...path, 'tags'], OWN_TAGS);
  const [primary, secondary] = ['primary', 'secondary'].map((role) => valueAt(group, role));
  const server = valueAt(secondary, 'server');
  const port = valueAt(secondary, 'port');
  const isSame = server === valueAt(primary, 'server') && port === valueAt(primary, 'port');
  if (typeof server !== 'string' || typeof port !== 'number' || !isSame) return tags;
  const found = `${describeValue(server)} on port ${port}, which is the primary`;
  return [{ path: [...path, 'secondary'], found, allowed: 'another server, or another port of it' }, ...tags];
}
