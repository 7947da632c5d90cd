import { corrected } from './corrections.ts';
import { READINESS_LOOK_MS } from './joining.ts';
import { rampWeight, rampWeights } from './ramp.ts';
import { type BackendRow, redirected, withColumns } from './record.ts';
import { acting, decided, type Situation, type Transition, unchanged } from './situation.ts';

/** A backend on its way to full weight: each step is set, seen in force, kept for its time. It never falls. */
export function ramping(situation: Situation, row: BackendRow): Transition {
  const { backend, binding, group, weight, health, nowMs } = situation;
  if (backend === null) {
    if (nowMs < group.settledAtMs) return unchanged(row, group.settledAtMs, 'our last write to settle');
    const again = redirected(row, 'joining', { dueSinceMs: nowMs, decidedAtMs: nowMs });
    return corrected(situation, row, again, { ours: 'a member', theirs: 'absent' });
  }
  const weights = rampWeights(binding, weight);
  const last = weights.length - 1;
  if (row.rampStep < last && group.isShort) {
    const whole = withColumns(row, { rampStep: last, rampSinceMs: null, dueSinceMs: nowMs });
    return decided(whole, 'ramp-skipped', 'fewer than minInService are in service: capacity beats comfort');
  }
  const target = rampWeight(weights, row.rampStep);
  if (backend.weight < target) {
    if (row.rampSinceMs !== null) {
      if (nowMs < group.settledAtMs) return unchanged(row, group.settledAtMs, 'our last write to settle');
      const again = withColumns(row, { rampSinceMs: null, dueSinceMs: nowMs });
      return corrected(situation, row, again, {
        ours: `weight ${target}`,
        theirs: `weight ${backend.weight}`,
      });
    }
    return acting(row, { kind: 'set-weight', weight: target });
  }
  if (row.rampStep >= last) {
    const confirmedWeight = backend.weight === weight ? weight : null;
    const inService = withColumns(row, {
      phase: 'in-service',
      rampStep: 0,
      rampSinceMs: null,
      dueSinceMs: null,
      confirmedWeight,
      held: null,
      refusals: 0,
      notBeforeMs: null,
    });
    return decided(inService, 'in-service', `at its full weight of ${weight}`);
  }
  if (row.rampSinceMs === null) {
    const reached = withColumns(row, {
      rampSinceMs: nowMs,
      dueSinceMs: null,
      refusals: 0,
      notBeforeMs: null,
    });
    return decided(reached, 'ramp-step', `weight ${backend.weight} is in force`);
  }
  const dueAtMs = row.rampSinceMs + (binding?.join.rampEveryMs ?? 0);
  // Looked at when it may be sent, not when it falls due: in between it would only wait for others.
  if (nowMs < dueAtMs) return unchanged(row, dueAtMs + group.gatherMs, 'the next step of a ramp');
  const isWatched = binding?.readiness === 'load-balancer' || binding?.readiness === 'both';
  if (isWatched && health === 'abnormal') {
    return unchanged(row, nowMs + READINESS_LOOK_MS, 'a ramping backend to be healthy again');
  }
  const next = withColumns(row, { rampStep: row.rampStep + 1, rampSinceMs: null, dueSinceMs: dueAtMs });
  return decided(next, 'ramp-step', `weight ${rampWeight(weights, row.rampStep + 1)} is due`);
}
