import type { Clock } from '../clock.ts';
import type { HeldLane } from '../lanes/model.ts';
import type { DeclarationStore } from './ports.ts';
import type { DeclarationRow } from './record.ts';

/** Rows of groups that are known and whose members nobody has called in yet: no event did, and no comparison. */
export function toBeFilled(rows: ReadonlyArray<DeclarationRow>): ReadonlyArray<DeclarationRow> {
  return rows.filter(({ groupId, filledAtMs }) => groupId !== null && filledAtMs === null);
}

/** Notes that the members of these groups are called in. A row that somebody else writes meanwhile is looked at again. */
export async function noteFilled(
  { declarations, clock }: { readonly declarations: Pick<DeclarationStore, 'commit'>; readonly clock: Clock },
  { fence }: Pick<HeldLane, 'fence'>,
  rows: ReadonlyArray<DeclarationRow>,
): Promise<void> {
  for (const row of rows) {
    const filled = { ...row, filledAtMs: clock.nowMs(), revision: row.revision + 1, fence };
    await declarations.commit({ row: filled, expectedRevision: row.revision, audit: [] });
  }
}
