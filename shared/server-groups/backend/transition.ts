import { isSelected, servingAddresses } from '../../instances/selection.ts';
import { isMarked, markOf, type ObservedBackend } from '../model.ts';
import { corrected } from './corrections.ts';
import { draining, startDrain } from './draining.ts';
import { driftHold, ofTheirWeight, reportedOnly } from './drift.ts';
import { isTheirs, joining } from './joining.ts';
import { whileMoving } from './moving.ts';
import { endOfOrders, lastReturns, standingOrders } from './orders.ts';
import { fullWeight, type Override, standingOverride, turnOfOverride } from './override.ts';
import { ramping } from './ramping.ts';
import { type BackendRow, newRow, redirected, withColumns } from './record.ts';
import { acting, decided, type Situation, type Transition, unchanged } from './situation.ts';
import { ordered, orStopped, upToDate, type Want, wantFor } from './want.ts';

/** The next step in the life of one backend. Pure; every rule about a single backend starts here, guards are elsewhere. */
export function transition(given: Situation): Transition {
  const row = upToDate(given);
  const want = wantFor(given, row);
  if (row === null) return withoutRow(given, want);
  const turned = turnOfOverride(given, row);
  if (turned !== null) return turned;
  if (row.override === null) return whileMoving(given, row, withRow(given, row, want));
  const overridden = { ...given, weight: fullWeight(given, row.override) };
  const result = whileMoving(given, row, withRow(overridden, row, want));
  return untilItsEnd(result, row.override);
}

function withRow(situation: Situation, row: BackendRow, want: Want): Transition {
  switch (row.phase) {
    case 'joining':
      return whileJoining(situation, row, want);
    case 'ramping':
    case 'in-service':
      return whileServing(situation, row, orStopped(want));
    case 'draining':
      return whileDraining(situation, row, orStopped(want));
    case 'removed':
      return whileRemoved(situation, row, want);
  }
}

/** The end of an override is a deadline, whatever else the backend waits for. */
function untilItsEnd(result: Transition, { untilMs }: Override): Transition {
  if (result.wake !== null && result.wake.atMs <= untilMs) return result;
  return { ...result, wake: { atMs: untilMs, reason: 'the end of an override' } };
}

function withoutRow(situation: Situation, want: Want): Transition {
  const { identity, backend, binding, group, nowMs } = situation;
  const name = binding?.name ?? '';
  const orders = standingOrders(situation);
  const returns = lastReturns(situation);
  const override = standingOverride(situation);
  if (backend === null) {
    if (want.kind === 'in') {
      // Only a comparison has found it: no event, no order and no request says that it is to come now.
      const isOnlyFound = situation.news.runningAtMs === null && override === null && returns.length === 0;
      if (isOnlyFound && driftHold(situation) !== null) return unchanged(null);
      const begins = { orders, returns, override, dueSinceMs: nowMs, decidedAtMs: nowMs };
      return decided(
        newRow(identity, name, 'joining', begins),
        'join-decided',
        override?.joins === true ? `${override.ref} wants it in` : 'the instance is Running and selected',
      );
    }
    // An order must be remembered, or the next look at the Running instance would bring it in.
    const isGone = want.kind === 'out' && want.cause === 'released';
    const out = ordered(orders);
    if (binding === null || isGone || (out === null && override === null)) return unchanged(null);
    const cause = out?.cause ?? (want.kind === 'out' ? want.cause : 'stopped');
    const row = newRow(identity, name, 'removed', { orders, returns, override, cause });
    return decided(row, 'kept-out', out?.reason ?? `${override?.ref ?? ''} waits for it to be wanted in`);
  }
  if (isMarked(backend)) {
    // Our mark without a row: the row was lost, or a removal of ours has not yet reached this answer.
    if (nowMs < group.settledAtMs) return unchanged(null, group.settledAtMs, AN_OLD_ANSWER);
    const row = newRow(identity, name, 'in-service');
    return decided(row, 'in-service', 'found with our mark and without a record');
  }
  // What is ordered out is adopted first, or nobody would drain it and the next comparison would adopt it.
  const isWanted = want.kind === 'in' || (ordered(orders) !== null && isSelectedBy(situation));
  if (isWanted && binding?.adopt === true) {
    return decided(newRow(identity, name, 'in-service'), 'adopted', 'adopted, as the binding says');
  }
  return unchanged(null);
}

function isSelectedBy({ instance, binding, identity }: Situation): boolean {
  if (instance === null || binding === null || !isSelected(instance, binding)) return false;
  return servingAddresses(instance, binding).includes(identity.serverIp);
}

const AN_OLD_ANSWER = 'an answer that may be older than our last write';
const PROOF_OF_ABSENCE = 'proof that an instance is gone';

function whileJoining(situation: Situation, row: BackendRow, want: Want): Transition {
  const { backend } = situation;
  if (isTheirs(situation, row))
    return decided(null, 'join-cancelled', 'somebody else has added it meanwhile');
  switch (want.kind) {
    case 'in':
      return joining(situation, row);
    case 'unsure':
      return unchanged(row, want.untilMs, PROOF_OF_ABSENCE);
    case 'not-yet':
    case 'out': {
      if (backend === null) return notJoining(row, want);
      const out = orStopped(want);
      return out.kind === 'out' ? startDrain(situation, row, out) : unchanged(row);
    }
  }
}

/** An Add that is not sent any more: nothing is left of it but what people or events ask for beyond it. */
function notJoining(row: BackendRow, want: Extract<Want, { kind: 'out' | 'not-yet' }>): Transition {
  const reason = `does not join: ${want.reason}`;
  const { orders, override } = row;
  const isGone = want.kind === 'out' && want.cause === 'released';
  const isRemembered = override !== null || (orders.length > 0 && want.kind === 'out');
  if (isGone || !isRemembered) return decided(null, 'join-cancelled', reason);
  const cause = want.kind === 'out' ? want.cause : 'stopped';
  return decided(redirected(row, 'removed', { cause }), 'join-cancelled', reason);
}

function whileServing(situation: Situation, row: BackendRow, want: Want): Transition {
  const { backend, weight, group, nowMs } = situation;
  switch (want.kind) {
    case 'unsure':
      return unchanged(row, want.untilMs, PROOF_OF_ABSENCE);
    case 'out': {
      // Everything else that leads out has happened, or was asked for.
      const isFound = want.cause === 'unselected' || want.cause === 'moved';
      const hold = isFound ? driftHold(situation) : null;
      return hold === null
        ? startDrain(situation, row, want)
        : reportedOnly(situation, row, want.reason, hold);
    }
    case 'not-yet':
      return unchanged(row);
    case 'in':
  }
  if (row.phase === 'ramping') return ramping(situation, row);
  if (backend !== null && backend.weight === weight && backend.description === markOf(row.binding)) {
    // That its server does not get on elsewhere is no fault of what it has here.
    const held = row.held?.by === 'moving' ? row.held : null;
    const isSettled = row.confirmedWeight === weight && row.held === held && row.refusals === 0;
    if (isSettled) return unchanged(row);
    const settled = { confirmedWeight: weight, held, refusals: 0, notBeforeMs: null, dueSinceMs: null };
    return unchanged(withColumns(row, settled));
  }
  // What never was ours yet is only to be set, and does not wait for the group's other writes to settle.
  const wasOurs = row.confirmedWeight === weight || row.held?.by === 'contested' || row.held?.by === 'drift';
  if (backend !== null && !wasOurs) {
    if (row.dueSinceMs === null) return unchanged(withColumns(row, { dueSinceMs: nowMs }));
    return acting(row, { kind: 'set-weight', weight });
  }
  if (nowMs < group.settledAtMs) return unchanged(row, group.settledAtMs, 'our last write to settle');
  const hold = driftHold(situation);
  if (backend === null) {
    if (hold !== null) return reportedOnly(situation, row, 'somebody has removed it', hold);
    const again = redirected(row, 'joining', { dueSinceMs: nowMs, decidedAtMs: nowMs });
    return corrected(situation, row, again, { ours: 'a member', theirs: 'absent' });
  }
  // Ours was in force, so somebody else has changed it since.
  const again = withColumns(row, { dueSinceMs: nowMs });
  const theirs = `weight ${backend.weight}, ${JSON.stringify(backend.description)}`;
  if (hold !== null) return reportedOnly(situation, row, `somebody has made it ${theirs}`, hold);
  const left = ofTheirWeight(situation, row, backend);
  if (left !== null) return left;
  return corrected(situation, row, again, { ours: `weight ${weight}, "${markOf(row.binding)}"`, theirs });
}

function whileDraining(situation: Situation, row: BackendRow, want: Want): Transition {
  const { backend, nowMs } = situation;
  switch (want.kind) {
    case 'in': {
      const reason = 'the instance is Running and selected again';
      if (backend !== null && backend.weight > 0 && backend.weight >= situation.weight) {
        return decided(redirected(row, 'in-service', { dueSinceMs: nowMs }), 'rejoin-decided', reason);
      }
      return decided(rejoining(row, backend, nowMs), 'rejoin-decided', reason);
    }
    case 'not-yet':
      return unchanged(row);
    case 'unsure':
      if (backend === null) return departed(row);
      return unchanged(row, want.untilMs, PROOF_OF_ABSENCE);
    case 'out':
      return backend === null ? departed(row) : draining(situation, row, backend, want);
  }
}

/**
 * It is out of the group. While an order stands that is remembered, or the Running instance would come back at once; and so is
 * an override, which is there still when the instance comes back before its end.
 */
function departed(row: BackendRow): Transition {
  const reason = 'the group does not list it any more';
  if (row.orders.length === 0 && (row.override === null || row.cause === 'released'))
    return decided(null, 'departed', reason);
  return decided(redirected(row, 'removed', { cause: row.cause }, row.generation), 'departed', reason);
}

function whileRemoved(situation: Situation, row: BackendRow, want: Want): Transition {
  const { backend, binding, nowMs } = situation;
  // We have removed ours, so whatever is there without our mark is somebody else's.
  const isSomebodys = backend !== null && !isMarked(backend);
  switch (want.kind) {
    case 'in':
      if (isSomebodys && binding?.adopt !== true)
        return decided(null, 'departed', 'somebody else has added it');
      return decided(
        rejoining(row, backend, nowMs),
        'rejoin-decided',
        'the order that kept it out has ended',
      );
    case 'unsure':
      return unchanged(row, want.untilMs, PROOF_OF_ABSENCE);
    case 'not-yet':
      return unchanged(row);
    case 'out':
      if ((row.orders.length === 0 && row.override === null) || want.cause === 'released') {
        if (backend === null || isSomebodys) return decided(null, 'departed', want.reason);
        return startDrain(situation, row, want);
      }
      if (backend !== null && !isSomebodys) return startDrain(situation, row, want);
      return unchanged(row, endOfOrders(row.orders), 'the end of an order');
  }
}

function rejoining(row: BackendRow, backend: ObservedBackend | null, nowMs: number): BackendRow {
  return redirected(row, 'joining', { dueSinceMs: nowMs, decidedAtMs: backend === null ? nowMs : null });
}
