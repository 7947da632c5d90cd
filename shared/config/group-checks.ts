import { describeValue, formatPath, type PathFault } from './faults.ts';
import { isMap, listAt, valueAt } from './raw-values.ts';
import { tagFaults } from './tags.ts';

/** Ours: whose group it is. */
const OWN_TAGS = 1;

/** What several values about declared groups must agree on. */
export function groupFaults(file: unknown): ReadonlyArray<PathFault> {
  const bindings = listAt(file, 'bindings');
  const uses = [...bindings.flatMap(usesOf), ...listAt(file, 'pairs').flatMap(usesOfPair)];
  return [
    ...bindings.flatMap(whichGroup),
    ...bindings.flatMap((binding, index) => sharedGroup(binding, index, bindings)),
    ...repeated(bindings.flatMap(groupsOf), 'a group that no other binding declares'),
    ...repeated(uses, 'each listener and each rule once, in one group'),
    ...bindings.flatMap((binding, index) =>
      tagFaults(valueAt(valueAt(binding, 'group'), 'tags'), ['bindings', index, 'group', 'tags'], OWN_TAGS),
    ),
    ...bindings.flatMap(ruleFaults),
  ];
}

function whichGroup(binding: unknown, index: number): ReadonlyArray<PathFault> {
  if (!isMap(binding)) return [];
  const [first, second] = WAYS.filter((key) => valueAt(binding, key) !== undefined);
  const declares = valueAt(binding, 'group') !== undefined;
  const path = ['bindings', index];
  const allowed =
    'exactly one of vServerGroup (its id), group (a declaration) and groupOf (a binding that declares it)';
  if (second !== undefined) return [{ path: [...path, second], found: `a ${first} beside it`, allowed }];
  if (first === undefined) return [{ path: [...path, 'vServerGroup'], found: 'nothing', allowed }];
  if (valueAt(binding, 'manage') !== 'group' || declares) return [];
  const found = '"group" for a group that is not declared';
  return [{ path: [...path, 'manage'], found, allowed: 'manage: group with a declaration under group' }];
}

/** How a binding says which group it has. */
const WAYS = ['vServerGroup', 'group', 'groupOf'] as const;

function sharedGroup(
  binding: unknown,
  index: number,
  bindings: ReadonlyArray<unknown>,
): ReadonlyArray<PathFault> {
  const name = valueAt(binding, 'groupOf');
  if (typeof name !== 'string') return [];
  const path = ['bindings', index, 'groupOf'];
  const declaring = bindings.find((each) => valueAt(each, 'name') === name);
  const loadBalancer = valueAt(declaring, 'loadBalancer');
  const allowed = 'the name of a binding of the same load balancer that declares its group';
  if (declaring === undefined || valueAt(declaring, 'group') === undefined) {
    const found = `${describeValue(name)}, which ${declaring === undefined ? 'no binding is called' : 'declares none'}`;
    return [{ path, found, allowed }];
  }
  if (loadBalancer === valueAt(binding, 'loadBalancer')) return [];
  return [{ path, found: `${describeValue(name)} of ${describeValue(loadBalancer)}`, allowed }];
}

/** What is said at a path, as a key that must not come twice. */
interface Said {
  readonly key: string;
  readonly path: PathFault['path'];
  readonly text: string;
}

function repeated(all: ReadonlyArray<Said>, allowed: string): ReadonlyArray<PathFault> {
  const firsts = new Map<string, Said>();
  return all.flatMap((said) => {
    const first = firsts.get(said.key);
    firsts.set(said.key, first ?? said);
    // What two pairs share is told with the pairs.
    if (first === undefined || first.path[0] === 'pairs') return [];
    const found = `${said.text}, which ${formatPath(first.path.slice(0, 2))} has as well`;
    return [{ path: said.path, found, allowed }];
  });
}

function groupsOf(binding: unknown, index: number): ReadonlyArray<Said> {
  const name = valueAt(valueAt(binding, 'group'), 'name');
  const loadBalancer = valueAt(binding, 'loadBalancer');
  if (typeof name !== 'string' || typeof loadBalancer !== 'string') return [];
  const path = ['bindings', index, 'group', 'name'];
  return [{ key: `${loadBalancer} ${name}`, path, text: describeValue(name) }];
}

function usesOf(binding: unknown, index: number): ReadonlyArray<Said> {
  const loadBalancer = valueAt(binding, 'loadBalancer');
  const group = valueAt(binding, 'group');
  const path = ['bindings', index, 'group'];
  const rules = listAt(group, 'rules').map((rule, place): Said => {
    const [id, listener, domain = '', url = ''] = ['id', 'listener', 'domain', 'url'].map((key) =>
      valueAt(rule, key),
    );
    const text = typeof id === 'string' ? id : `${String(listener)} ${String(domain)}${String(url)}`;
    const key = `${String(loadBalancer)} rule ${text}`;
    return { key, path: [...path, 'rules', place], text: describeValue(text) };
  });
  return [...listenersOf(group, loadBalancer, path), ...rules];
}

function usesOfPair(pair: unknown, index: number): ReadonlyArray<Said> {
  return listenersOf(pair, valueAt(pair, 'loadBalancer'), ['pairs', index]);
}

function listenersOf(holder: unknown, loadBalancer: unknown, path: PathFault['path']): ReadonlyArray<Said> {
  return listAt(holder, 'listeners').flatMap((listener, place) =>
    typeof listener === 'string' && typeof loadBalancer === 'string'
      ? [
          {
            key: `${loadBalancer} listener ${listener}`,
            path: [...path, 'listeners', place],
            text: describeValue(listener),
          },
        ]
      : [],
  );
}

function ruleFaults(binding: unknown, index: number): ReadonlyArray<PathFault> {
  return listAt(valueAt(binding, 'group'), 'rules').flatMap((rule, place) => {
    if (!isMap(rule)) return [];
    const path = ['bindings', index, 'group', 'rules', place];
    const has = (key: string) => valueAt(rule, key) !== undefined;
    const allowed = 'the id of a rule, or its listener with a domain, a url or both';
    const isPlace = has('listener') && (has('domain') || has('url'));
    if (has('id') && (has('listener') || has('domain') || has('url'))) {
      return [{ path, found: 'an id and a place', allowed }];
    }
    return has('id') || isPlace ? [] : [{ path, found: 'neither an id nor a whole place', allowed }];
  });
}
