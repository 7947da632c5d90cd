import { type BackendRow, withColumns } from './record.ts';
import { decided, type Situation, type Transition, unchanged } from './situation.ts';

/** Corrections of another writer's values within the window of the configuration; then its values are left. */
export const CORRECTIONS_MAX = 3;

/**
 * Counts a departure from what was once read back as ours. `onTheWay` is the row as it is to be while ours is put back,
 * without what was read back. Once the window's corrections are used up the backend is held instead, with both values in
 * the reason, and looked at again when the window is over.
 */
export function corrected(
  { group, nowMs }: Situation,
  row: BackendRow,
  onTheWay: BackendRow,
  values: { readonly ours: string; readonly theirs: string },
): Transition {
  const sinceMs = row.correctionsSinceMs;
  const isOver = sinceMs === null || nowMs >= sinceMs + group.contestMs;
  const corrections = isOver ? 0 : row.corrections;
  const untilMs = (isOver ? nowMs : sinceMs) + group.contestMs;
  if (corrections < CORRECTIONS_MAX) {
    const counted = withColumns(onTheWay, {
      corrections: corrections + 1,
      correctionsSinceMs: isOver ? nowMs : sinceMs,
      confirmedWeight: null,
      held: null,
    });
    return decided(
      counted,
      'drift-found',
      `another writer made it ${values.theirs}, it is to be ${values.ours}`,
    );
  }
  const reason = `contested: another writer keeps making it ${values.theirs}, ours is ${values.ours}`;
  if (row.held?.by === 'contested') return unchanged(row, untilMs, 'another writer to give up');
  return decided(withColumns(row, { held: { by: 'contested', reason } }), 'held', reason);
}
