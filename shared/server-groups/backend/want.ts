import { cloudOf } from '../../instances/backend-type.ts';
import { hasAddress, isSelected, servingAddresses } from '../../instances/selection.ts';
import { hasToStay } from './moving.ts';
import { lastReturns, standingOrders } from './orders.ts';
import { standingOverride } from './override.ts';
import { type BackendRow, type DrainCause, type LeaveOrder, lastFullWeight, withColumns } from './record.ts';
import type { Situation } from './situation.ts';

/** An instance is taken for released only after two honest answers without it, this far apart. */
export const ABSENCE_PROOF_MS = 60_000;

/** Where a backend belongs, by all that is observed of its instance. */
export type Want =
  | { readonly kind: 'in' }
  | {
      readonly kind: 'out';
      readonly cause: DrainCause;
      readonly reason: string;
      /** It leaves because somebody wants it to, not because it stops serving anyway. */
      readonly isByChoice: boolean;
    }
  /** Nothing to join yet; outside of joining it serves as little as a stopped one. */
  | { readonly kind: 'not-yet'; readonly reason: string }
  /** ECS did not list it, and that is not proven to mean anything. */
  | { readonly kind: 'unsure'; readonly untilMs: number };

/** Brings up to date what the row knows about its instance; the very same row when nothing is new. */
export function upToDate(situation: Situation): BackendRow | null {
  const { row, instance, binding, weight, news, health, group, nowMs } = situation;
  if (row === null) return null;
  const absentSinceMs = instance === null ? (row.absentSinceMs ?? group.readAtMs) : null;
  const hasDeletedEvent = instance === null && (row.hasDeletedEvent || news.isDeleted);
  const name = binding?.name ?? row.binding;
  const orders = standingOrders(situation);
  const returns = lastReturns(situation);
  const override = standingOverride(situation);
  const isWatched = orders.some(({ cause }) => cause === 'health-alarm');
  const healthySinceMs = isWatched && health === 'normal' ? (row.healthySinceMs ?? nowMs) : null;
  // For a port that no binding names there is none to remember.
  const isKnown = binding === null || lastFullWeight(row) === weight;
  const fullWeight = isKnown ? row.fullWeight : weight;
  const isSame =
    absentSinceMs === row.absentSinceMs &&
    fullWeight === row.fullWeight &&
    hasDeletedEvent === row.hasDeletedEvent &&
    name === row.binding &&
    orders === row.orders &&
    returns === row.returns &&
    override === row.override &&
    healthySinceMs === row.healthySinceMs;
  if (isSame) return row;
  // Another binding's mark is ours to set, and no other writer's doing.
  const confirmedWeight = name === row.binding ? row.confirmedWeight : null;
  const changes = {
    absentSinceMs,
    hasDeletedEvent,
    binding: name,
    orders,
    returns,
    override,
    healthySinceMs,
    fullWeight,
  };
  return withColumns(row, { ...changes, confirmedWeight });
}

/** Decides from what is observed, and from orders where ECS does not show what is coming. `row` is up to date. */
export function wantFor(situation: Situation, row: BackendRow | null): Want {
  const { instance, news, group, identity } = situation;
  if (instance === null) {
    if (news.isDeleted || row?.hasDeletedEvent === true) return out('released', 'the instance was released');
    const provenAtMs = (row?.absentSinceMs ?? group.readAtMs) + ABSENCE_PROOF_MS;
    if (group.readAtMs < provenAtMs) return { kind: 'unsure', untilMs: provenAtMs };
    return out('released', `${cloudOf(identity.serverId)} has not listed the instance for a minute`);
  }
  const byOrder = ordered(row === null ? standingOrders(situation) : row.orders);
  if (byOrder !== null) return byOrder;
  switch (instance.status) {
    case 'Stopping':
    case 'Stopped':
      return out('stopped', `the instance is ${instance.vendorStatus ?? instance.status}`);
    case 'Pending':
    case 'Starting':
      return { kind: 'not-yet', reason: `the instance is ${instance.vendorStatus ?? instance.status}` };
    case 'Running': {
      const { serverIp } = identity;
      if (hasAddress(instance, serverIp)) return wantForRunning(situation, row);
      return out('stopped', `the instance has no address ${serverIp ?? ''} (any more)`);
    }
  }
}

/** Outside of joining, an instance that does not run yet serves as little as one that has stopped. */
export function orStopped(want: Want): Want {
  return want.kind === 'not-yet' ? out('stopped', want.reason) : want;
}

const ORDERED: Readonly<Record<LeaveOrder['cause'], readonly [reason: string, isByChoice: boolean]>> = {
  'scale-in': ['its scaling group scales in', true],
  'spot-reclaim': ['the spot instance is being reclaimed', false],
  maintenance: ['a system event is about to interrupt the instance', false],
  'change-request': ['a change request takes it out', true],
  'health-alarm': ['a health alarm takes it out', true],
  'not-ready': ['it did not become ready in time', false],
};

/**
 * Out by these orders, the strongest of which comes first and names the cause; the reason names them all. `null` = there
 * is none. Who has to go anyway does not go by choice, whoever else wishes it as well.
 */
export function ordered(orders: ReadonlyArray<LeaveOrder>): Extract<Want, { kind: 'out' }> | null {
  const [strongest] = orders;
  if (strongest === undefined) return null;
  const reason = [...new Set(orders.map(inWords))].join(', and ');
  const isByChoice = orders.every(({ cause }) => ORDERED[cause][1]);
  return { kind: 'out', cause: strongest.cause, reason, isByChoice };
}

function inWords({ cause, ref }: LeaveOrder): string {
  const [reason] = ORDERED[cause];
  return ref === null ? reason : `${reason} (${ref})`;
}

function out(cause: DrainCause, reason: string): Want {
  return { kind: 'out', cause, reason, isByChoice: cause === 'unselected' || cause === 'moved' };
}

function wantForRunning(situation: Situation, row: BackendRow | null): Want {
  const { binding, backend, instance, news, identity } = situation;
  const isNotIn = backend === null && (row === null || row.phase === 'joining');
  if (news.isAboutToLeave && isNotIn) {
    return { kind: 'not-yet', reason: 'an event says that the instance is about to leave' };
  }
  if (binding !== null && instance !== null) {
    const override = row === null ? standingOverride(situation) : row.override;
    if (!servingAddresses(instance, binding).includes(identity.serverIp)) {
      return out('unselected', 'the binding has it serve under other addresses');
    }
    if (isSelected(instance, binding) || override?.joins === true) {
      const { left } = situation;
      if (left === undefined || hasToStay(situation, row)) return { kind: 'in' };
      const where = `${binding.name} has left port ${identity.port} for ${left.to}`;
      return out('moved', left.waitsFor === null ? `${where}, where its server serves` : where);
    }
  }
  return out('unselected', 'no binding selects the instance for this port');
}
