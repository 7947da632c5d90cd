import { HEARTBEAT_MARGIN_MS, HOOK_TIMEOUT_LEAST_SECONDS, WAIT_MAX_MS } from '../scaling/limits.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { PathFault } from './faults.ts';
import { listAt, policyAt, valueAt } from './raw-values.ts';

const HOOK_TIMEOUT_LEAST_MS = HOOK_TIMEOUT_LEAST_SECONDS * 1_000;

/** The longest drain that a hook can wait for. */
const DRAIN_MAX_MS = WAIT_MAX_MS - HEARTBEAT_MARGIN_MS;

/** What lifecycle hooks cannot do, as far as the file tells. */
export function scalingFaults(file: unknown): ReadonlyArray<PathFault> {
  const groups = listAt(valueAt(file, 'scaling'), 'groups');
  return [...repeatedGroups(groups), ...shortTimeouts(groups), ...longDrains(file, groups.length > 0)];
}

function repeatedGroups(groups: ReadonlyArray<unknown>): ReadonlyArray<PathFault> {
  const ids = groups.map((group) => valueAt(group, 'id'));
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id);
    if (typeof id !== 'string' || first === index) return [];
    const found = `"${id}", which scaling.groups[${first}] is as well`;
    return [{ path: ['scaling', 'groups', index, 'id'], found, allowed: 'each scaling group once' }];
  });
}

function shortTimeouts(groups: ReadonlyArray<unknown>): ReadonlyArray<PathFault> {
  return groups.flatMap((group, index) => {
    const timeoutMs = durationAt(group, 'hookTimeout');
    if (timeoutMs === null || timeoutMs >= HOOK_TIMEOUT_LEAST_MS) return [];
    const found = `a hook timeout of ${formatDuration(timeoutMs)}`;
    const allowed = `at least ${formatDuration(HOOK_TIMEOUT_LEAST_MS)}: when its message is lost, the tick finds the hook within a minute, and ${formatDuration(HEARTBEAT_MARGIN_MS)} are kept as a margin to answer or to prolong it`;
    return [{ path: ['scaling', 'groups', index, 'hookTimeout'], found, allowed }];
  });
}

/** ESS keeps an instance for six hours at most, whatever its hook's timeout is and however often it is prolonged. */
function longDrains(file: unknown, hasGroups: boolean): ReadonlyArray<PathFault> {
  return listAt(file, 'bindings').flatMap((binding, index) => {
    const isOfGroup = valueAt(valueAt(binding, 'selector'), 'scalingGroup') !== undefined;
    if (!isOfGroup && !hasGroups) return [];
    const text = policyAt(file, binding, 'drain', 'time');
    const timeMs = typeof text === 'string' ? parseDuration(text) : null;
    if (timeMs === null || timeMs <= DRAIN_MAX_MS) return [];
    const isOwn = valueAt(valueAt(binding, 'drain'), 'time') !== undefined;
    const path = [...(isOwn ? ['bindings', index] : ['defaults']), 'drain', 'time'];
    const found = `a drain of ${formatDuration(timeMs)} for instances of a scaling group`;
    const allowed = `at most ${formatDuration(DRAIN_MAX_MS)}: a lifecycle hook waits 6h at most, with all its heartbeats, and ${formatDuration(HEARTBEAT_MARGIN_MS)} of it are kept as a margin`;
    return [{ path, found, allowed }];
  });
}

function durationAt(value: unknown, key: string): number | null {
  const text = valueAt(value, key);
  return typeof text === 'string' ? parseDuration(text) : null;
}
