import type { InboxEntry, News, Scope, Signal } from '../../acceptance/model.ts';
import type { Binding } from '../../config/binding.ts';
import { parseDuration } from '../../config/duration.ts';
import { eventKey } from '../../events/event-key.ts';
import { fullWeight } from '../../server-groups/backend/override.ts';
import type { BackendRow } from '../../server-groups/backend/record.ts';
import { type BackendIdentity, backendKey } from '../../server-groups/model.ts';
import type { BackendChange } from '../document.ts';
import type { RequestRow } from '../model.ts';
import type { Progress } from './progress.ts';

/** A request about backends that has begun, or would now. */
export interface BegunChange {
  readonly requestId: string;
  readonly payloadHash: string;
  readonly change: BackendChange;
  readonly begunAtMs: number;
}

/** The request as it began at that instant; `null` = it is about no backends. */
export function begunChange(row: RequestRow, begunAtMs: number): BegunChange | null {
  const { request, payloadHash } = row;
  const { change, requestId } = request;
  return isAboutBackends(change) ? { requestId, payloadHash, change, begunAtMs } : null;
}

/** Whether a change is about backends of a binding. */
export function isAboutBackends(change: RequestRow['request']['change']): change is BackendChange {
  return 'instances' in change;
}

/** When what was asked for ends by itself; `null` = it does not. */
export function endOf({ change, begunAtMs }: BegunChange): number | null {
  return 'for' in change ? begunAtMs + (parseDuration(change.for) ?? 0) : null;
}

/**
 * What the lane of the binding's load balancer is told. The same at every repeat, times included: who comes after a death
 * tells it again, and an entry that is there already stays as it is.
 */
export function entriesOf(
  begun: BegunChange,
  binding: Pick<Binding, 'loadBalancerId' | 'name'>,
): ReadonlyArray<InboxEntry> {
  const { requestId, payloadHash, change, begunAtMs } = begun;
  return change.instances.flatMap((instanceId) =>
    newsOf(begun, { binding: binding.name, ports: 'ports' in change ? (change.ports ?? null) : null }).map(
      (news, index): InboxEntry => {
        const key = eventKey('request', requestId, payloadHash.slice(0, 16), instanceId, String(index));
        // One after the other, or the return of a join would take back its own override.
        const signal: Signal = {
          key,
          instanceId,
          news,
          eventAtMs: begunAtMs + index,
          acceptedAtMs: begunAtMs,
        };
        return { laneId: binding.loadBalancerId, signal };
      },
    ),
  );
}

function newsOf(begun: BegunChange, scope: Scope): ReadonlyArray<News> {
  const { change, requestId: ref } = begun;
  const untilMs = endOf(begun);
  const back: News = { kind: 'return', cause: 'change-request', ref: null, scope };
  const leave = {
    kind: 'leave',
    cause: 'change-request',
    ref,
    fromMs: null,
    deadlineAtMs: null,
    scope,
  } as const;
  const override = { kind: 'override', ref, scope, untilMs: untilMs ?? 0 } as const;
  switch (change.kind) {
    case 'drain':
    case 'remove':
      return [{ ...leave, untilMs }];
    case 'join':
      return [back, { ...override, joins: true, weight: null }];
    case 'set-weight': {
      const weight = change.weight === undefined ? { percent: change.percent ?? 100 } : { is: change.weight };
      return [{ ...override, joins: false, weight }];
    }
    case 'release-override':
      return [back];
    case 'lift-guard':
      return [{ kind: 'lift-guard', ref, guard: change.guard, untilMs: untilMs ?? 0, scope }];
  }
}

/** Tells the backends that a change is about: each instance on each of the binding's ports, or on those that it names. */
export function isAboutBackend(
  change: BackendChange,
  binding: Pick<Binding, 'ports' | 'vServerGroupId'>,
): (backend: BackendIdentity) => boolean {
  const instances = new Set(change.instances);
  const ports = new Set(portsOf(change, binding));
  return ({ vServerGroupId, serverId, port }) =>
    vServerGroupId === binding.vServerGroupId && instances.has(serverId) && ports.has(port);
}

/** The ports of the binding, or those of them that the change names. */
export function portsOf(
  change: BackendChange,
  binding: Pick<Binding, 'ports'>,
): ReadonlyArray<BackendIdentity['port']> {
  const named = 'ports' in change ? change.ports : undefined;
  return binding.ports.map(({ port }) => port).filter((port) => named?.includes(port) ?? true);
}

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
  const all = change.instances.flatMap((serverId) =>
    portsOf(change, binding).flatMap((port) => {
      const weight = binding.ports.find((each) => each.port === port)?.weight ?? 0;
      const own = rows.filter((row) => row.serverId === serverId && row.port === port);
      // Without any record nobody knows under which addresses; one backend stands for them.
      if (own.length === 0) {
        return [{ name: `${serverId}:${port}`, progress: progressOfBackend(begun, null, weight) }];
      }
      return own.map((row) => ({ name: backendKey(row), progress: progressOfBackend(begun, row, weight) }));
    }),
  );
  const worst =
    all.find(({ progress }) => progress.kind === 'lost') ??
    all.find(({ progress }) => progress.kind === 'waiting' && progress.isHeld) ??
    all.find(({ progress }) => progress.kind === 'waiting');
  if (worst === undefined) return { kind: 'in-force', text: inForce(begun, all.length) };
  const { name, progress } = worst;
  if (progress.kind === 'in-force') return progress;
  return { ...progress, reason: `${name}: ${progress.reason}` };
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
