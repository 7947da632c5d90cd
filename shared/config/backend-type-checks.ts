import { type ConfigPath, describeValue, type PathFault } from './faults.ts';
import { isMap, keysAt, listAt, valueAt } from './raw-values.ts';

/** What of a binding's entry at `path` means nothing for backends of its type. */
export function backendTypeFaults(binding: unknown, path: ConfigPath): Array<PathFault> {
  const said = valueAt(binding, 'type');
  const type = said === 'eni' || said === 'eci' ? said : 'ecs';
  const faults: Array<PathFault> = [];
  const addresses = valueAt(binding, 'addresses');
  if (addresses !== undefined && type !== 'eni') {
    const found = `${describeValue(addresses)} with backends of type ${type}, which have one address`;
    faults.push({ path: [...path, 'addresses'], found, allowed: 'addresses with type eni only' });
  }
  const ignored = listAt(valueAt(binding, 'drift'), 'ignore');
  for (const [index, id] of ignored.entries()) {
    if (typeof id !== 'string' || id.startsWith(PREFIX[type])) continue;
    const found = `${describeValue(id)} in a binding of type ${type}`;
    const allowed = `ids that begin with ${PREFIX[type]}, since the binding has no others`;
    faults.push({ path: [...path, 'drift', 'ignore', index], found, allowed });
  }
  for (const [index, port] of listAt(binding, 'ports').entries()) {
    const weight = valueAt(port, 'weight');
    const at = [...path, 'ports', index, 'weight'];
    for (const id of keysAt(weight, 'byInstance')) {
      if (id.startsWith(PREFIX[type])) continue;
      const found = `${describeValue(id)} in a binding of type ${type}`;
      const allowed = `ids that begin with ${PREFIX[type]}, since the binding has no others`;
      faults.push({ path: [...at, 'byInstance', id], found, allowed });
    }
    if (type === 'ecs' || valueAt(weight, 'byInstanceType') === undefined) continue;
    const found = `weights by instance type with backends of type ${type}`;
    const allowed = 'byInstance, byZone and default: only ECS instances are of an instance type';
    faults.push({ path: [...at, 'byInstanceType'], found, allowed });
  }
  if (type === 'ecs') return faults;
  const scalingGroup = valueAt(valueAt(binding, 'selector'), 'scalingGroup');
  if (scalingGroup !== undefined) {
    const found = `${describeValue(scalingGroup)} with backends of type ${type}`;
    const allowed = 'tags: a scaling group selects ECS instances only';
    faults.push({ path: [...path, 'selector', 'scalingGroup'], found, allowed });
  }
  if (isMap(valueAt(valueAt(binding, 'drain'), 'connections'))) {
    const found = `connections with backends of type ${type}`;
    const allowed = 'a drain that lasts its time: CloudMonitor counts the connections of ECS instances only';
    faults.push({ path: [...path, 'drain', 'connections'], found, allowed });
  }
  return faults;
}

const PREFIX = { ecs: 'i-', eni: 'eni-', eci: 'eci-' } as const;
