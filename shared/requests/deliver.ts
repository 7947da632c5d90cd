import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock } from '../clock.ts';
import type { LaneStore, WakeUps } from '../lanes/ports.ts';
import { pairLaneId } from '../pairs/model.ts';
import type { PairOrders, PairStore } from '../pairs/ports.ts';
import type { AdmissionPolicy } from './admission.ts';
import { begunChange, entriesOf } from './effects/backends.ts';
import { isAboutPair, orderOf } from './effects/pairs.ts';
import { keyOfRow, type RequestRow } from './model.ts';
import { nameOf } from './plan.ts';

/** What delivering needs. */
export interface DeliverDeps {
  readonly inbox: Pick<InboxStore, 'put'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly wakeUps: WakeUps;
  readonly pairOrders: PairOrders;
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly clock: Clock;
}

/**
 * Puts what begun requests ask for where the engine finds it, and wakes it. Safe to repeat: everything is written once under
 * names and times that are the request's own. Says of each why it cannot be delivered at all; `null` = it is.
 */
export async function deliver(
  { inbox, lanes, wakeUps, pairOrders, pairRows, clock }: DeliverDeps,
  { bindings, pairs }: AdmissionPolicy,
  rows: ReadonlyArray<RequestRow>,
): Promise<ReadonlyMap<string, string | null>> {
  const faults = new Map<string, string | null>();
  const woken = new Set<string>();
  const entries = rows.flatMap((row) => {
    const begun = begunChange(row, row.begunAtMs ?? row.receivedAtMs);
    if (begun === null) return [];
    const binding = bindings.find(({ name }) => name === begun.change.binding);
    faults.set(nameOf(keyOfRow(row)), binding === undefined ? NOT_CONFIGURED : null);
    return binding === undefined ? [] : entriesOf(begun, binding);
  });
  if (entries.length > 0) await inbox.put(entries);
  for (const { laneId } of entries) woken.add(laneId);
  for (const row of rows) {
    const { request, begunAtMs, receivedAtMs } = row;
    const { change } = request;
    if (!isAboutPair(change)) continue;
    const pair = pairs.find(({ name }) => name === change.pair);
    const needsRow = change.kind === 'fail-back' && pair !== undefined;
    const pairRow = needsRow ? (await pairRows.read(change.pair)).row : null;
    const order =
      pair === undefined ? NOT_CONFIGURED : orderOf(request, change, pairRow, begunAtMs ?? receivedAtMs);
    faults.set(nameOf(keyOfRow(row)), typeof order === 'string' ? order : null);
    if (pair === undefined || typeof order === 'string') continue;
    await pairOrders.put(pair.name, order);
    woken.add(pairLaneId(pair));
  }
  // After what they are to find. Whoever is not woken finds it with the next tick.
  if (woken.size > 0) await lanes.signal([...woken]);
  for (const laneId of woken) await wakeUps.send(laneId, clock.nowMs());
  return faults;
}

const NOT_CONFIGURED = 'the configuration does not name its target any more';
