import type { Ruling } from '../decision/model.ts';
import { pauseRefusal } from '../decision/pauses.ts';
import type { ChangeOrder } from '../record.ts';
import { type DeclarationInput, declarationFaults, describeFaults, foundGroup } from './faults.ts';

const UNASKED = 'its group is declared and does not exist: autopilot apply has it created';

/** What a pair without a group comes to that declares one. `whyNone`: what an order about its members is answered. */
export function ruleOnDeclaration(
  seen: DeclarationInput,
  order: ChangeOrder | null,
  whyNone: string,
): Ruling {
  const { input, row, declared } = seen;
  const refuse = (reason: string): Ruling => ({ kind: 'refuse', orderId: order?.orderId ?? '', reason });
  if (order !== null && order.kind !== 'apply') return refuse(whyNone);
  const hold = (reason: string): Ruling =>
    order === null ? { kind: 'hold', reason, metric: 'pairs-held', lookAtMs: null } : refuse(reason);
  const faults = declarationFaults(seen);
  if (faults.length > 0) return hold(describeFaults(faults));
  const { primary, secondary } = declared;
  const base = { kind: 'begin', sagaKind: 'creation', to: { primary, secondary } } as const;
  const found = foundGroup(seen);
  if (order !== null) {
    const paused = pauseRefusal(row, input.nowMs);
    if (paused !== null) return refuse(paused);
    return { ...base, found, reason: `${order.by} asked for it: ${order.reason}`, orderId: order.orderId };
  }
  if (!declared.isManaged) return hold(UNASKED);
  const refused = row.unsuitable.find(
    ({ serverId, untilMs }) =>
      untilMs > input.nowMs && [primary.serverId, secondary.serverId].includes(serverId),
  );
  if (refused !== undefined) return hold(`its group could not be created: ${refused.reason}`);
  return { ...base, found, reason: 'its group is declared and does not exist', orderId: null };
}
