import type { BudgetKey, BudgetStore } from '../../api-budget/ports.ts';
import type { TableClient } from './client.ts';
import type { Cells } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.budget.name;

/** Others may take between a refusal, the read and the next try; after so many tries the slot counts as used up. */
const TRIES_MAX = 3;

/** The `budget` table. A take is one increment, made only if the count as it then is leaves room for all of it. */
export function createBudgetStore(tables: TableClient): BudgetStore {
  return {
    async take(key, want, cap) {
      const row = rowKey(key);
      let wish = Math.min(want, cap);
      for (let tries = 1; wish > 0; tries++) {
        const result = await tables.write({
          kind: 'update',
          table: TABLE,
          key: row,
          change: { increment: { taken: wish } },
          condition: {
            columns: [{ column: 'taken', is: 'at-most', value: cap - wish, passIfMissing: true }],
          },
        });
        if (result === 'written') return wish;
        // Not even one fits, or there was always somebody quicker.
        if (wish === 1 || tries >= TRIES_MAX) return 0;
        const taken = Number((await tables.get(TABLE, row))?.taken ?? 0);
        wish = Math.min(wish, cap - taken);
      }
      return 0;
    },
    async spend(keys, calls) {
      await tables.writeMany(
        keys.map((key) => ({
          kind: 'update',
          table: TABLE,
          key: rowKey(key),
          change: { increment: { taken: calls } },
        })),
      );
    },
  };
}

function rowKey({ regionId, api, slotStartsAtMs }: BudgetKey): Cells {
  return { region: regionId, api, slot: slotStartsAtMs };
}
