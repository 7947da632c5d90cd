import { backoffMs } from '../backoff.ts';
import { mapBounded } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import { ATTEMPTS_MAX, writeAgain } from '../events/change-request.ts';
import type { ChangeRequested, InboundEvent, NotUnderstood } from '../events/model.ts';
import { type IntakeDeps, takeIn } from '../intake.ts';
import { workLanes } from '../lanes/work-lanes.ts';
import type { LaneOutcome } from '../outcome.ts';
import { pairLaneId } from '../pairs/model.ts';
import { createPass } from '../passes.ts';
import { type AcceptRequestsDeps, acceptRequests, quarantineRequests, type RequestReport } from './accept.ts';
import { targetOfLane } from './model.ts';
import type { RequestQueue } from './ports.ts';

/** What taking in change requests needs. */
export type RequestIntakeDeps = IntakeDeps & AcceptRequestsDeps & { readonly requestQueue: RequestQueue };

/** What became of a batch, for the log. */
export interface RequestIntakeOutcome {
  readonly requests: RequestReport;
  /** Put on the queue again, since they could not be taken in. */
  readonly again: number;
  /** Messages that belong on other queues; they are accepted all the same. */
  readonly others: number;
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/** When the first so many fail one by one, it is the fault of none of them: the others are not even tried. */
const PROBES = 3;
const AGAIN_BASE_MS = 5_000;
const AGAIN_MAX_MS = 10 * 60_000;
const AGAIN_AT_ONCE = 10;

/**
 * Takes in a batch from the queue of change requests and carries out what can be. One message that cannot be taken in never
 * costs the others: it goes back onto the queue with a delay and its story, and in the end into quarantine. Throws only
 * when that fails, too: then all of it is delivered again.
 */
export async function takeInRequests(
  deps: RequestIntakeDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<RequestIntakeOutcome> {
  const asked = events.filter((event): event is ChangeRequested => event.kind === 'change-request');
  const unreadable = events.filter((event): event is NotUnderstood => event.kind === 'not-understood');
  const others = events.filter(({ kind }) => kind !== 'change-request' && kind !== 'not-understood');
  const { report, again } = await acceptSurely(deps, asked);
  // After what can be carried out: where these cannot be put aside, that goes on all the same.
  const other = others.length === 0 ? null : await takeIn(deps, others);
  await quarantineRequests(deps, unreadable);
  const lanes = await carryOut(deps, report.lanes);
  return {
    requests: { ...report, quarantined: unreadable.length },
    again,
    others: others.length,
    lanes: { ...other?.lanes, ...lanes },
  };
}

async function acceptSurely(
  deps: RequestIntakeDeps,
  asked: ReadonlyArray<ChangeRequested>,
): Promise<{ readonly report: RequestReport; readonly again: number }> {
  try {
    return { report: await acceptRequests(deps, asked), again: 0 };
  } catch (error) {
    deps.logger.warn({ requests: asked.length }, `batch not taken in, one by one: ${describeError(error)}`);
    return await oneByOne(deps, asked, describeError(error));
  }
}

async function oneByOne(
  deps: RequestIntakeDeps,
  asked: ReadonlyArray<ChangeRequested>,
  first: string,
): Promise<{ readonly report: RequestReport; readonly again: number }> {
  const reports: Array<RequestReport> = [];
  const failed: Array<{ readonly event: ChangeRequested; readonly reason: string }> = [];
  for (const event of asked) {
    if (reports.length === 0 && failed.length >= PROBES) {
      failed.push({ event, reason: first });
      continue;
    }
    try {
      reports.push(await acceptRequests(deps, [event]));
    } catch (error) {
      failed.push({ event, reason: describeError(error) });
    }
  }
  await mapBounded(failed, AGAIN_AT_ONCE, async ({ event, reason }) => await putBack(deps, event, reason));
  const sum = (of: (report: RequestReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const report = {
    lanes: [...new Set(reports.flatMap(({ lanes }) => lanes))].sort(),
    admitted: sum(({ admitted }) => admitted),
    refused: sum(({ refused }) => refused),
    duplicates: sum(({ duplicates }) => duplicates),
    quarantined: 0,
  };
  return { report, again: failed.length };
}

async function putBack(deps: RequestIntakeDeps, event: ChangeRequested, reason: string): Promise<void> {
  const attempts = event.attempts + 1;
  const story = [...event.story, `${new Date(deps.clock.nowMs()).toISOString()} ${reason}`];
  if (attempts <= ATTEMPTS_MAX) {
    const delayMs = backoffMs(attempts, deps.random, AGAIN_BASE_MS, AGAIN_MAX_MS);
    await deps.requestQueue.send(writeAgain(event.request, attempts, story), Math.ceil(delayMs / 1_000));
    return;
  }
  const { requestId } = event.request;
  const text = JSON.stringify(event.request);
  const told = `could not be taken in ${attempts} times: ${story.join('; ')}`;
  await quarantineRequests(deps, [
    { kind: 'not-understood', reason: told, text, messageId: null, requestId },
  ]);
}

/** The requests, then what they ask for, then the requests once more: what is in force by then is answered at once. */
async function carryOut(
  deps: RequestIntakeDeps,
  laneIds: ReadonlyArray<string>,
): Promise<Readonly<Record<string, LaneOutcome>>> {
  if (laneIds.length === 0) return {};
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const pass = createPass(deps);
  const begun = await workLanes(deps, laneIds, pass, deadlineMs);
  const engine = await workLanes(deps, laneIds.flatMap(engineLaneOf(deps)), pass, deadlineMs);
  try {
    await deps.lanes.signal(laneIds);
  } catch (error) {
    // They have deadlines of their own: this would only have been sooner.
    deps.logger.warn({ laneIds }, `requests not looked at again: ${describeError(error)}`);
    return { ...begun, ...engine };
  }
  const followed = await workLanes(deps, laneIds, pass, deadlineMs);
  return { ...begun, ...engine, ...followed };
}

/** The lane that carries out what is asked in a lane of requests; none, where its target is not configured any more. */
function engineLaneOf({ bindings, pairs }: RequestIntakeDeps): (laneId: string) => ReadonlyArray<string> {
  return (laneId) => {
    const target = targetOfLane(laneId);
    if (target?.of === 'pair') return pairs.filter(({ name }) => name === target.name).map(pairLaneId);
    return bindings.filter(({ name }) => name === target?.name).map(({ loadBalancerId }) => loadBalancerId);
  };
}
