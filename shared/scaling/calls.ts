import { hookSubject } from '../audit/model.ts';
import { backoffMs } from '../backoff.ts';
import type { Clock, Random } from '../clock.ts';
import type { Assumptions } from '../config/load.ts';
import { describeError, RejectedError } from '../errors.ts';
import type { MetricName } from '../metrics.ts';
import { HeartbeatLimitError, HookEndedError } from './errors.ts';
import { extendedDeadlineMs } from './hook/heartbeats.ts';
import { afterItsEnd } from './hook/transition.ts';
import type { HookJournal } from './journal.ts';
import { HEARTBEATS_MAX } from './limits.ts';
import { type HookCall, type HookDecision, type HookRow, hookKey } from './model.ts';
import type { ScalingGateway } from './ports.ts';

/** What calling needs. */
export interface CallDeps {
  readonly scaling: Pick<ScalingGateway, 'heartbeat' | 'complete'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly assume: Pick<Assumptions, 'heartbeatCountsFrom'>;
}

const REFUSED_BASE_MS = 2_000;
const REFUSED_MAX_MS = 60_000;

/**
 * Makes a call that the row in it, already written, leads to, and writes down what came of it. What ESS refuses is noted
 * with the row and tried again later; TransientError is thrown: whoever comes next repeats the call, which does no harm.
 * Returns what needs somebody's eyes.
 */
export async function sendCall(
  deps: CallDeps,
  journal: HookJournal,
  call: HookCall,
): Promise<ReadonlyArray<MetricName>> {
  const row = journal.asWritten(call.row);
  const sentAtMs = deps.clock.nowMs();
  try {
    if (call.kind === 'complete') {
      const requestId = await deps.scaling.complete(row, call.answer);
      const next = afterItsEnd(row, deps.clock.nowMs());
      return await record(journal, row, next, { action: 'hook-answered', reason: call.answer.result }, [
        requestId,
      ]);
    }
    const requestId = await deps.scaling.heartbeat(row, call.seconds);
    const deadlineMs = extendedDeadlineMs(row, call.seconds, sentAtMs, deps.assume.heartbeatCountsFrom);
    const next = { ...row, deadlineMs, refusals: 0, notBeforeMs: null };
    const reason = `heartbeat ${row.heartbeats}: ${call.seconds} s more`;
    return await record(journal, row, next, { action: 'hook-heartbeat', reason }, [requestId]);
  } catch (error) {
    // Listing tells what has become of it; the next look does that.
    if (error instanceof HookEndedError) return await refused(deps, journal, row, error, {});
    if (error instanceof HeartbeatLimitError && call.kind === 'heartbeat') {
      const changes =
        error.limit === 'times'
          ? { heartbeats: HEARTBEATS_MAX }
          : { heartbeatMaxSeconds: Math.floor(call.seconds / 2), heartbeats: row.heartbeats - 1 };
      return await refused(deps, journal, row, error, changes);
    }
    if (error instanceof RejectedError) return await refused(deps, journal, row, error, {});
    throw error;
  }
}

async function refused(
  { clock, random }: CallDeps,
  journal: HookJournal,
  row: HookRow,
  error: RejectedError,
  changes: Partial<HookRow>,
): Promise<ReadonlyArray<MetricName>> {
  const refusals = row.refusals + 1;
  const isToRepeat = !(error instanceof HeartbeatLimitError);
  const waitMs = backoffMs(refusals, random, REFUSED_BASE_MS, REFUSED_MAX_MS);
  const notBeforeMs = isToRepeat ? clock.nowMs() + waitMs : null;
  const next = { ...row, refusals, notBeforeMs, ...changes };
  const decision = { action: 'call-refused', reason: describeError(error) } as const;
  await record(journal, row, next, decision, error.origin.requestId === null ? [] : [error.origin.requestId]);
  return ['hook-calls-refused'];
}

async function record(
  journal: HookJournal,
  before: HookRow,
  after: HookRow | null,
  { action, reason }: Pick<HookDecision, 'action' | 'reason'>,
  requestIds: ReadonlyArray<string>,
): Promise<ReadonlyArray<MetricName>> {
  const { scalingGroupId, activityId, heartbeats, deadlineMs, instanceIds } = after ?? before;
  const inputs = { scalingGroupId, activityId, heartbeats, deadlineMs };
  const subject = hookSubject(hookKey(before));
  journal.note({ subject, action, reason, inputs, instanceIds, recorded: null }, requestIds);
  const expectedRevision = before.revision;
  await journal.commit([
    after === null
      ? { kind: 'delete', row: before, expectedRevision }
      : { kind: 'put', row: after, expectedRevision },
  ]);
  return [];
}
