import type { HookRow } from '../model.ts';
import { ending } from './ending.ts';
import { lastSafeMs, planHeartbeat } from './heartbeats.ts';
import { scaleIn, scaleInNeedsUntilMs } from './scale-in.ts';
import { readyByMs, scaleOut } from './scale-out.ts';
import { answering, calling, decided, type HookSituation, type HookTurn, waiting } from './situation.ts';

/** A message that ESS does not confirm is looked at again so long after it came, and then given up. */
const LOOKS_AGAIN_MS = [5_000, 15_000, 60_000] as const;
/** What goes on in a scaling group is looked at once in a tick at least: other hooks may end our wait. */
const LOOK_MOST_MS = 60_000;

/** The next step of one waiting hook. Pure; every rule about a single hook starts here. */
export function transition(situation: HookSituation): HookTurn {
  switch (situation.row.phase) {
    case 'noticed':
      return notConfirmed(situation);
    case 'waiting':
      return whileWaiting(situation);
    case 'ending':
      return situation.isBlind ? unseeing(situation) : ending(situation);
  }
}

/** What ESS lists is taken up before this; so it does not (yet) list this one. */
function notConfirmed({ row, action, nowMs }: HookSituation): HookTurn {
  if (action !== null) return decided(null, 'hook-closed', `it is known already, as ${action.status}`);
  const againMs = LOOKS_AGAIN_MS.map((ms) => row.noticedAtMs + ms).find((atMs) => atMs > nowMs);
  if (againMs !== undefined) return waiting(row, againMs, 'ESS to show what a message says');
  return decided(null, 'hook-given-up', 'ESS does not show what a message says', 'hooks-given-up');
}

function whileWaiting(situation: HookSituation): HookTurn {
  const { row, hook, action, nowMs } = situation;
  if (action === null || action.status !== 'Pending' || hook === null) return ended(situation);
  const turn = nextTurn(situation);
  // Whatever else is to be done comes first: a hook is short of time only where there is nothing to do but to wait.
  if (turn.row !== row || turn.wake === null) return turn;
  if (nowMs >= lastSafeMs(row)) return timeIsUp(situation);
  const beat = planHeartbeat(row, hook, neededUntilMs(situation), nowMs);
  switch (beat.kind) {
    case 'time-is-up':
      return timeIsUp(situation);
    case 'beat': {
      // Counted before it is sent: a reply may get lost, and ESS would count it.
      const counted: HookRow = { ...row, heartbeats: row.heartbeats + 1 };
      return {
        ...calling(counted, { kind: 'heartbeat', row: counted, seconds: beat.seconds }),
        count: turn.count,
      };
    }
    case 'wait': {
      const atMs = Math.min(turn.wake.atMs, beat.atMs, nowMs + LOOK_MOST_MS);
      return { ...turn, wake: { ...turn.wake, atMs } };
    }
  }
}

function nextTurn(situation: HookSituation): HookTurn {
  const { row, nowMs } = situation;
  if (row.notBeforeMs !== null && nowMs < row.notBeforeMs) {
    return waiting(row, row.notBeforeMs, 'another try of a refused call');
  }
  if (row.answer !== null) return calling(row, { kind: 'complete', row, answer: row.answer });
  if (situation.isBlind) return unseeing(situation);
  return row.transition === 'SCALE_OUT' ? scaleOut(situation) : scaleIn(situation);
}

function unseeing({ row, nowMs }: HookSituation): HookTurn {
  return waiting(row, nowMs + LOOK_MOST_MS, 'the clouds to show where its instances are');
}

/** Until when ESS will have to wait, as far as can be told; unseeing, from one heartbeat to the next. */
function neededUntilMs(situation: HookSituation): number {
  if (situation.isBlind) return situation.nowMs;
  return situation.row.transition === 'SCALE_OUT' ? readyByMs(situation) : scaleInNeedsUntilMs(situation);
}

/** ESS will not wait longer. What is answered now is not what was wanted, so it is said loudly. */
function timeIsUp(situation: HookSituation): HookTurn {
  const { row, policy, nowMs } = situation;
  // Decided before, and refused: trying it again is all that is left.
  if (row.answer !== null) return waiting(row, row.notBeforeMs ?? nowMs, 'another try of a refused call');
  if (row.transition === 'SCALE_OUT') {
    const result = policy.whenNotReady === 'abandon' ? 'ABANDON' : 'CONTINUE';
    return answering(situation, result, 'its time is up and not every instance serves', 'hooks-out-of-time');
  }
  const result = policy.whenTimeIsUp === 'rollback' ? 'ROLLBACK' : 'CONTINUE';
  const why = row.held === null ? 'not every drain has ended' : row.held;
  return answering(situation, result, `its time is up: ${why}`, 'hooks-out-of-time');
}

/** ESS does not wait for our answer any more. */
function ended({ row, action, hook, nowMs }: HookSituation): HookTurn {
  const next = afterItsEnd(row, nowMs);
  if (row.answer !== null && action?.status === 'Completed') {
    return decided(next, 'hook-answered', `${row.answer.result} stands`);
  }
  if (action?.status === 'Timeout') {
    const result = hook?.defaultResult ?? action.result ?? 'its default result';
    return decided(next, 'hook-timed-out', `ran into its timeout: ${result}`, 'hooks-timed-out');
  }
  const how =
    action === null || hook === null ? 'the hook or its activity is gone' : 'somebody else has ended it';
  return decided(next, 'hook-ended-elsewhere', how, 'hooks-ended-elsewhere');
}

/** The row once ESS does not wait any more; `null` = its instances are in, and there is nothing to follow up. */
export function afterItsEnd(row: HookRow, nowMs: number): HookRow | null {
  if (row.transition === 'SCALE_OUT' && row.answer?.result === 'CONTINUE') return null;
  return {
    ...row,
    phase: 'ending',
    held: null,
    orderedAtMs: null,
    refusals: 0,
    notBeforeMs: null,
    endedAtMs: nowMs,
  };
}
