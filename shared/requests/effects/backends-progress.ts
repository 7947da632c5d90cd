import type { Binding } from '../../config/binding.ts';
import { fullWeight } from '../../server-groups/backend/override.ts';
import { type BackendRow, lastFullWeight } from '../../server-groups/backend/record.ts';
import { backendKey } from '../../server-groups/model.ts';
import { ALL_INSTANCES } from '../document.ts';
import { type BegunChange, endOf, entriesOf, isAboutBackend, portsOf } from './backends.ts';
import type { Progress } from './progress.ts';

/** How far a change has come, by what is recorded of its backends; they must all be in force. */
export function progressOfBackends(
  begun: BegunChange,
  binding: Binding,
  rows: ReadonlyArray<BackendRow>,
  pendingKeys: ReadonlySet<string>,
): Progress {
  const { change } = begun;
  // It stands in the inbox until it is used.
  if (change.kind === 'lift-guard') return { kind: 'in-force', text: `${change.guard} is lifted once` };
  if (entriesOf(begun, binding).some(({ signal }) => pendingKeys.has(signal.key))) {
    return { kind: 'waiting', reason: `the lane of ${binding.loadBalancerId} to take it up`, isHeld: false };
  }
  const concerned = targetsOf(begun, binding, rows).filter(({ row }) => isConcerned(begun, row));
  if (change.kind === 'set-weight' && concerned.length === 0) {
    return { kind: 'lost', reason: `nothing of ${binding.name} has the weight that was asked for any more` };
  }
  const all = concerned.map(({ name, port, row }) => {
    const ofPort = binding.ports.find((each) => each.port === port)?.weight ?? 0;
    const weight = (row === null ? null : lastFullWeight(row)) ?? ofPort;
    return { name, progress: progressOfBackend(begun, row, weight) };
  });
  const worst =
    all.find(({ progress }) => progress.kind === 'lost') ??
    all.find(({ progress }) => progress.kind === 'waiting' && progress.isHeld) ??
    all.find(({ progress }) => progress.kind === 'waiting');
  if (worst === undefined) return { kind: 'in-force', text: inForce(begun, all.length) };
  const { name, progress } = worst;
  if (progress.kind === 'in-force') return progress;
  return { ...progress, reason: `${name}: ${progress.reason}` };
}

/** What decides how far a change has come: the backends that it is about, and whom it names without any. */
interface Target {
  readonly name: string;
  readonly port: number;
  readonly row: BackendRow | null;
}

function targetsOf(
  { change }: BegunChange,
  binding: Binding,
  rows: ReadonlyArray<BackendRow>,
): ReadonlyArray<Target> {
  const own = rows.filter(isAboutBackend(change, binding, rows));
  const recorded = own.map((row): Target => ({ name: backendKey(row), port: row.port, row }));
  if (change.instances === ALL_INSTANCES) return recorded;
  const known = new Set(own.map(({ serverId, port }) => `${serverId}:${port}`));
  // Without any record nobody knows under which addresses; one backend stands for them.
  const unrecorded = change.instances.flatMap((serverId) =>
    portsOf(change, binding).flatMap((port): ReadonlyArray<Target> => {
      const name = `${serverId}:${port}`;
      return known.has(name) ? [] : [{ name, port, row: null }];
    }),
  );
  return [...recorded, ...unrecorded];
}

/**
 * Whether a backend decides how far the change has come. Of a weight for all, or by what they are, those do that have taken it up,
 * or have been told something else since; the others came later, or nothing was said of them.
 */
function isConcerned({ change, requestId, begunAtMs }: BegunChange, row: BackendRow | null): boolean {
  if (change.kind !== 'set-weight') return true;
  if (change.instances !== ALL_INSTANCES && change.weights === undefined) return true;
  if (row === null) return false;
  const { override, returns } = row;
  if (override !== null) return override.ref === requestId || override.sinceMs > begunAtMs;
  return returns.some(({ cause, atMs }) => cause === 'change-request' && atMs > begunAtMs);
}

function progressOfBackend(
  { change, requestId, begunAtMs }: BegunChange,
  row: BackendRow | null,
  weight: number,
): Progress {
  const waiting = (reason: string): Progress => ({
    kind: 'waiting',
    reason: row?.held?.reason ?? reason,
    isHeld: row?.held !== null && row?.held !== undefined,
  });
  const lost: Progress = {
    kind: 'lost',
    reason: 'another request, or an event, has changed what was asked for',
  };
  switch (change.kind) {
    case 'drain':
    case 'remove': {
      if (row === null) return IN_FORCE;
      if (!row.orders.some(({ ref }) => ref === requestId)) return lost;
      const isOut = row.phase === 'removed' || (row.phase === 'draining' && row.weightZeroAtMs !== null);
      return isOut ? IN_FORCE : waiting(`to be at weight 0; it is ${row.phase}`);
    }
    case 'join':
    case 'set-weight': {
      if (row === null) return { kind: 'lost', reason: 'it is not in the group, and nothing brings it in' };
      if (row.override?.ref !== requestId) return lost;
      const wanted = fullWeight({ weight }, row.override);
      const isThere = row.phase === 'in-service' && row.confirmedWeight === wanted;
      return isThere ? IN_FORCE : waiting(`to be at weight ${wanted}; it is ${row.phase}`);
    }
    case 'release-override': {
      if (row === null) return IN_FORCE;
      const asked = row.orders.filter(({ cause }) => cause === 'change-request');
      const standing = row.override === null ? asked : [...asked, row.override];
      if (standing.some(({ sinceMs }) => sinceMs > begunAtMs)) return lost;
      if (standing.length > 0) return waiting('the override to end');
      const isOnTheWay = row.phase === 'joining' || row.phase === 'ramping';
      return isOnTheWay ? waiting(`to be in service again; it is ${row.phase}`) : IN_FORCE;
    }
    case 'lift-guard':
      return IN_FORCE;
  }
}

const IN_FORCE: Progress = { kind: 'in-force', text: '' };

function inForce(begun: BegunChange, count: number): string {
  const endsAtMs = endOf(begun);
  const until = endsAtMs === null ? '' : ` until ${new Date(endsAtMs).toISOString()}`;
  const words = {
    drain: 'out',
    remove: 'out',
    join: 'in',
    'set-weight': 'at that weight',
    'release-override': 'as the binding says',
    'lift-guard': '',
  } as const;
  return `${count} ${count === 1 ? 'backend is' : 'backends are'} ${words[begun.change.kind]}${until}`;
}
