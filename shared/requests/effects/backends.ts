import type { InboxEntry, News, Scope, Signal } from '../../acceptance/model.ts';
import type { Binding } from '../../config/binding.ts';
import { parseDuration } from '../../config/duration.ts';
import type { WeightsBy } from '../../config/weights.ts';
import { eventKey } from '../../events/event-key.ts';
import { subjectOfBinding } from '../../server-groups/backend/pause.ts';
import type { BackendRow } from '../../server-groups/backend/record.ts';
import { type BackendIdentity, backendKey } from '../../server-groups/model.ts';
import { ALL_INSTANCES, type BackendChange, type WeightOf } from '../document.ts';
import type { RequestRow } from '../model.ts';

/** A request about backends that has begun, or would now. */
export interface BegunChange {
  readonly requestId: string;
  readonly payloadHash: string;
  readonly change: BackendChange;
  readonly begunAtMs: number;
}

type SetWeight = Extract<BackendChange, { kind: 'set-weight' }>;

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
  // One word about all of them: whoever is in the group when it is heard.
  const subjects = change.instances === ALL_INSTANCES ? [subjectOfBinding(binding.name)] : change.instances;
  return subjects.flatMap((instanceId) =>
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
      return [{ ...override, joins: false, weight: weightOf(change) }];
    }
    case 'release-override':
      return [back];
    case 'lift-guard':
      return [{ kind: 'lift-guard', ref, guard: change.guard, untilMs: untilMs ?? 0, scope }];
  }
}

function weightOf({ weight, weights, percent }: SetWeight): Extract<News, { kind: 'override' }>['weight'] {
  if (weights !== undefined) return { by: weightsByOf(weights), others: weight ?? null };
  return weight === undefined ? { percent: percent ?? 100 } : { is: weight };
}

/** The weights of a request as a configuration would say them. */
export function weightsByOf(weights: ReadonlyArray<WeightOf>): WeightsBy {
  const of = (keyOf: (each: WeightOf) => string | undefined) => {
    const some = weights.flatMap((each): ReadonlyArray<readonly [string, number]> => {
      const key = keyOf(each);
      return key === undefined ? [] : [[key, each.weight]];
    });
    return some.length === 0 ? null : Object.fromEntries(some);
  };
  const byInstance = of((each) => ('instance' in each ? each.instance : undefined));
  const byInstanceType = of((each) => ('instanceType' in each ? each.instanceType : undefined));
  const byZone = of((each) => ('zone' in each ? each.zone : undefined));
  return {
    ...(byInstance === null ? {} : { byInstance }),
    ...(byInstanceType === null ? {} : { byInstanceType }),
    ...(byZone === null ? {} : { byZone }),
  };
}

/**
 * Tells the backends that a change is about: each instance on each of the binding's ports, or on those that it names. Of all
 * instances those that are recorded.
 */
export function isAboutBackend(
  change: BackendChange,
  binding: Pick<Binding, 'name' | 'ports' | 'vServerGroupId'>,
  rows: ReadonlyArray<BackendRow>,
): (backend: BackendIdentity) => boolean {
  const ports = new Set(portsOf(change, binding));
  const isOfGroup = ({ vServerGroupId, port }: BackendIdentity) =>
    vServerGroupId === binding.vServerGroupId && ports.has(port);
  if (change.instances === ALL_INSTANCES) {
    const members = rows.filter((row) => isOfGroup(row) && row.binding === binding.name);
    const keys = new Set(members.map(backendKey));
    return (backend) => isOfGroup(backend) && keys.has(backendKey(backend));
  }
  const instances = new Set(change.instances);
  return (backend) => isOfGroup(backend) && instances.has(backend.serverId);
}

/** The ports of the binding, or those of them that the change names. */
export function portsOf(
  change: BackendChange,
  binding: Pick<Binding, 'ports'>,
): ReadonlyArray<BackendIdentity['port']> {
  const named = 'ports' in change ? change.ports : undefined;
  return binding.ports.map(({ port }) => port).filter((port) => named?.includes(port) ?? true);
}
