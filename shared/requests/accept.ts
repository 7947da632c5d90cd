import { quarantineItem } from '../acceptance/plan.ts';
import type { Quarantine } from '../acceptance/ports.ts';
import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import type { RequestPolicy } from '../config/requests.ts';
import type { ChangeRequested, NotUnderstood } from '../events/model.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { type AdmissionPolicy, admit } from './admission.ts';
import { keyOfRow, type RequestRow, receivedRow, requestLaneId } from './model.ts';
import { nameOf } from './plan.ts';
import type { RequestStore, Results } from './ports.ts';
import { quarantineText, resultText } from './result.ts';
import { ended } from './turn.ts';

/** What taking requests in needs. */
export interface AcceptRequestsDeps extends Omit<AdmissionPolicy, 'requests'> {
  readonly requests: RequestStore;
  readonly results: Results;
  readonly requestPolicy: RequestPolicy;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
}

/** What became of the requests of a batch. Every message is counted once. */
export interface RequestReport {
  /** Lanes with requests that are open. */
  readonly lanes: ReadonlyArray<string>;
  readonly admitted: number;
  readonly refused: number;
  /** Copies inside the batch, and requests known from before. */
  readonly duplicates: number;
  readonly quarantined: number;
}

const RESULTS_AT_ONCE = 10;

/**
 * Takes requests in: when this returns, every one is recorded, and either open in its lane or answered. A copy of one that has
 * ended is answered with the stored result. Each step can be repeated: dying after any of them leaves the batch to come
 * again, with the same end. Throws TransientError; then nothing may be acknowledged.
 */
export async function acceptRequests(
  deps: AcceptRequestsDeps,
  asked: ReadonlyArray<ChangeRequested>,
): Promise<RequestReport> {
  const nowMs = deps.clock.nowMs();
  const unique = [...new Map(asked.map((event) => [nameOf(keyOf(event)), event])).values()];
  const known = await deps.requests.read(unique.map(keyOf));
  const names = new Set(known.map((row) => nameOf(keyOfRow(row))));
  const fresh = unique
    .filter((event) => !names.has(nameOf(keyOf(event))))
    // In the order in which they came, so that of two about one backend the later one counts.
    .map((event, index) => firstRow(event, deps, nowMs + index));
  if (fresh.length > 0) await deps.requests.put(fresh);
  const refusedNow = fresh.filter(({ phase }) => phase === 'ended');
  // A copy may have been refused elsewhere a moment before: every copy is answered with what stands in the table.
  const stored = refusedNow.length === 0 ? [] : await deps.requests.read(refusedNow.map(keyOfRow));
  const rows = [...known, ...fresh.filter(({ phase }) => phase !== 'ended'), ...stored];
  const lanes = [
    ...new Set(rows.filter(({ phase }) => phase !== 'ended').map(({ laneId }) => laneId)),
  ].sort();
  if (lanes.length > 0) await deps.lanes.signal(lanes);
  const answered = rows.filter(({ phase }) => phase === 'ended');
  await mapBounded(answered, RESULTS_AT_ONCE, async (row) => await deps.results.send(resultText(row)));
  return {
    lanes,
    admitted: fresh.length - refusedNow.length,
    refused: refusedNow.length,
    duplicates: asked.length - fresh.length,
    quarantined: 0,
  };
}

/** Puts messages aside that are no requests that anybody could carry out, and says so on the queue of results. */
export async function quarantineRequests(
  { quarantine, results, clock }: Pick<AcceptRequestsDeps, 'quarantine' | 'results' | 'clock'>,
  messages: ReadonlyArray<NotUnderstood>,
): Promise<void> {
  if (messages.length === 0) return;
  const items = messages.map((message) => ({ message, item: quarantineItem(message, clock.nowMs()) }));
  const unique = [...new Map(items.map((each) => [each.item.key, each])).values()];
  await quarantine.put(unique.map(({ item }) => item));
  await mapBounded(unique, RESULTS_AT_ONCE, async ({ item, message }) => {
    await results.send(quarantineText(item.key, message.requestId ?? null, item.reason));
  });
}

function keyOf({ request, payloadHash }: ChangeRequested) {
  return { requestId: request.requestId, payloadHash };
}

/** What can be refused at sight never gets a lane: nobody may fill one with what they have no right to ask. */
function firstRow(
  { request, payloadHash }: ChangeRequested,
  deps: AcceptRequestsDeps,
  nowMs: number,
): RequestRow {
  const { requestPolicy, bindings, pairs } = deps;
  const admission = admit(request, { requests: requestPolicy, bindings, pairs }, nowMs);
  const { change } = request;
  const laneId =
    'pair' in change ? requestLaneId('pair', change.pair) : requestLaneId('binding', change.binding);
  if (admission.kind !== 'refused') return receivedRow(laneId, request, payloadHash, nowMs);
  const turn = ended(
    receivedRow('', request, payloadHash, nowMs),
    nowMs,
    'refused',
    admission.code,
    admission.reason,
  );
  return turn.kind === 'change' ? turn.row : receivedRow(laneId, request, payloadHash, nowMs);
}
