import { systemNewId } from '../../../shared/adapters/node/system.ts';
import { tellPause } from '../../../shared/comparison/tell.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import { instant } from '../../../shared/times.ts';
import type { PlanDesk } from './desk.ts';

/** What somebody asks for. */
export interface PauseWish {
  readonly reason: string;
  readonly by: string;
  /** An instant, or a time from now on, ms; neither = a pause that stands is to end. */
  readonly until?: number | undefined;
  readonly for?: number | undefined;
}

/** What was put, for people and for programs. */
export interface PausePut {
  readonly binding: string;
  /** `null` = a pause was ended. */
  readonly until: string | null;
  readonly reason: string;
}

/**
 * Has the functions correct nothing of the binding until then, or again as ever, and wakes one, so that it is seen at once.
 * Throws RejectedError, TransientError: it may not have been put.
 */
export async function pauseBinding(desk: PlanDesk, binding: Binding, wish: PauseWish): Promise<PausePut> {
  const { name, loadBalancerId } = binding;
  // Only an answer of the tables tells their time.
  await desk.lanes.read(loadBalancerId);
  const atMs = desk.clock.nowMs();
  const untilMs = wish.until ?? (wish.for === undefined ? null : atMs + wish.for);
  const reason = `${wish.reason} (${wish.by})`;
  await tellPause(desk, binding, { id: systemNewId(), reason, untilMs, atMs });
  await desk.wakeUps.send(loadBalancerId, atMs);
  return { binding: name, until: untilMs === null ? null : instant(untilMs), reason };
}
