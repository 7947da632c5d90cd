import type { ObservedBackend } from '../model.ts';
import { corrected } from './corrections.ts';
import { deadlineOf } from './orders.ts';
import { type BackendRow, redirected, withColumns } from './record.ts';
import { acting, asking, decided, type Situation, type Transition, unchanged } from './situation.ts';
import type { Want } from './want.ts';

/** A backend is removed this long before the deadline of its order, so that a refused call can be repeated. */
export const DEADLINE_MARGIN_MS = 15_000;
/** Drains that the configuration refuses are looked at again after this. */
const REFUSED_LOOK_MS = 60_000;

type Out = Extract<Want, { kind: 'out' }>;

/** Turns a backend around: weight 0 is to come. */
export function startDrain(situation: Situation, row: BackendRow, want: Out): Transition {
  const { backend, binding, group, nowMs } = situation;
  const { weightZero } = group;
  const isRefused =
    want.isByChoice && !weightZero.isGuaranteed && binding?.drain.whenNotGuaranteed === 'refuse';
  if (isRefused && (backend?.weight ?? 0) > 0) {
    const reason = `not drained: ${weightZero.promise}`;
    if (row.held?.by === 'setting') return unchanged(row, nowMs + REFUSED_LOOK_MS, reason);
    return decided(withColumns(row, { held: { by: 'setting', reason } }), 'held', reason);
  }
  const drained = redirected(row, 'draining', {
    cause: want.cause,
    weightZeroAtMs: backend?.weight === 0 ? nowMs : null,
    // Its server serves elsewhere already, so that it can wait for others to share its call with.
    dueSinceMs: want.cause === 'moved' ? nowMs : null,
  });
  return decided(drained, 'drain-decided', `${want.reason}; ${weightZero.promise}`);
}

/** A backend on its way out: weight 0, wait, remove. */
export function draining(
  situation: Situation,
  row: BackendRow,
  backend: ObservedBackend,
  want: Out,
): Transition {
  const { nowMs } = situation;
  const drain = want.cause !== row.cause ? withColumns(row, { cause: want.cause }) : row;
  if (backend.weight > 0) return toZero(situation, drain, backend);
  // Whoever has given it weight meanwhile has sent it new connections, and these have their time too.
  if (drain.weightZeroAtMs === null || drain.held?.by === 'contested') {
    const anew = {
      weightZeroAtMs: nowMs,
      confirmedWeight: 0,
      held: null,
      quietSamples: 0,
      sampledAtMs: null,
    };
    const started = withColumns(drain, anew);
    return decided(started, 'drain-started', 'observed at weight 0');
  }
  // An alarm only keeps requests away: the health checks that bring it back need it in the group.
  if (want.cause === 'health-alarm') {
    return unchanged(drain, healthyAgainAtMs(situation, drain), 'a backend to be healthy for long enough');
  }
  const end = endOf(situation, drain);
  if (nowMs >= end.atMs) return acting(drain, { kind: 'remove' });
  const { connections } = situation;
  const policy = situation.binding?.drain.connections ?? null;
  if (policy === null) return unchanged(drain, end.atMs, end.reason);
  const sampleAtMs = (drain.sampledAtMs ?? -Infinity) + policy.everyMs;
  if (nowMs < sampleAtMs) return unchanged(drain, Math.min(sampleAtMs, end.atMs), end.reason);
  if (connections === null || connections.atMs <= (drain.sampledAtMs ?? -Infinity)) {
    return asking(drain, 'connections');
  }
  // What was counted while it still had weight says nothing about those that were to end since.
  const { sample } = connections;
  const count = sample === null || sample.sinceMs < drain.weightZeroAtMs ? null : sample.count;
  const quietSamples = count !== null && count <= policy.floor ? drain.quietSamples + 1 : 0;
  const sampled = withColumns(drain, { sampledAtMs: connections.atMs, quietSamples });
  return decided(
    sampled,
    'connections-sampled',
    `${count ?? 'an unknown number of'} connections, ${quietSamples} quiet samples in a row`,
  );
}

/** When the health of a backend that an alarm took out may have lasted long enough. */
function healthyAgainAtMs({ binding, nowMs }: Situation, row: BackendRow): number {
  const lookAtMs = nowMs + REFUSED_LOOK_MS;
  if (row.healthySinceMs === null) return lookAtMs;
  return Math.min(lookAtMs, row.healthySinceMs + (binding?.drain.healthyForMs ?? 0));
}

function toZero(situation: Situation, row: BackendRow, backend: ObservedBackend): Transition {
  const { group, nowMs } = situation;
  if (row.weightZeroAtMs === null) return acting(row, { kind: 'set-weight', weight: 0 });
  // An answer that is older than our own Set does not end the drain; a weight that somebody gave back does.
  if (nowMs < group.settledAtMs) return unchanged(row, group.settledAtMs, 'our last write to settle');
  const again = withColumns(row, { weightZeroAtMs: null, quietSamples: 0, sampledAtMs: null });
  return corrected(situation, row, again, { ours: 'weight 0', theirs: `weight ${backend.weight}` });
}

/** When the wait at weight 0 is over, and why then. */
function endOf({ binding, group, instance }: Situation, row: BackendRow): { atMs: number; reason: string } {
  const sinceMs = row.weightZeroAtMs ?? Infinity;
  if (row.cause === 'released' && instance === null) return { atMs: sinceMs, reason: 'it is gone' };
  const quiet = binding?.drain.connections ?? null;
  if (quiet !== null && row.quietSamples >= quiet.samples) return { atMs: sinceMs, reason: 'it is idle' };
  // A port that no binding names any more has no drain time of its own: it is removed as soon as it is at weight 0.
  const timeMs = binding?.drain.timeMs ?? 0;
  const waitMs = group.weightZero.isUdp ? Math.max(timeMs, binding?.drain.udpTimeMs ?? 0) : timeMs;
  const deadlineAtMs = deadlineOf(row.orders);
  const latestMs = deadlineAtMs === null ? Infinity : Math.max(sinceMs, deadlineAtMs - DEADLINE_MARGIN_MS);
  const isShortened = latestMs < sinceMs + waitMs;
  const reason = isShortened ? 'the end of a drain, before its deadline' : 'the end of a drain';
  return { atMs: Math.min(sinceMs + waitMs, latestMs), reason };
}
