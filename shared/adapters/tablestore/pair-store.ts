import type { PairOrders, PairStore } from '../../pairs/ports.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { auditWrite, rowCondition } from './journal-rows.ts';
import { memberEntry, memberExit } from './member-rows.ts';
import { PairOrderSchema, PairRowSchema } from './pair-row-schema.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.promotions.name;
const KEY_NAMES = TABLES.promotions.key.map(({ name }) => name);

/** The entry of a pair's row; orders have keys of their own beside it. */
const ROW_ENTRY = 'pair';
const ORDER_PREFIX = 'order/';

/** The `promotions` table: for each pair its row, with the journal of its last change, and the orders that wait. */
export function createPairStore(tables: TableClient): PairStore {
  return {
    async read(name) {
      const found = await tables.range(TABLE, KEY_NAMES, { pair: name });
      const row = found.find(({ entry }) => entry === ROW_ENTRY);
      return {
        row: row === undefined ? null : readDocument(PairRowSchema, TABLE, row.row),
        orders: found
          .filter(({ entry }) => String(entry).startsWith(ORDER_PREFIX))
          .map(({ order }) => readDocument(PairOrderSchema, TABLE, order)),
      };
    },
    async commit({ laneId, row, expectedRevision, joined, departed, audit }) {
      const { name, revision, fence } = row;
      // Before the row, in a call of its own: nothing may be decided about a member whose events would not be heard.
      if (joined.length > 0) {
        await tables.writeMany(joined.map((server) => memberEntry(server, laneId, fence)));
      }
      const [result] = await tables.writeMany([
        {
          kind: 'put',
          table: TABLE,
          key: { pair: name, entry: ROW_ENTRY },
          columns: { row: JSON.stringify(row), revision, fence },
          condition: rowCondition(expectedRevision, fence),
        },
        ...audit.map(auditWrite),
      ]);
      if (result === 'conflict') return false;
      // Only once the row says so: an index entry too many costs a look, one too few loses an instance.
      if (departed.length > 0) {
        await tables.writeMany(departed.map((server) => memberExit(server, laneId, fence)));
      }
      return true;
    },
    async removeOrders(name, orderIds) {
      await tables.writeMany(
        orderIds.map((orderId) => ({ kind: 'delete', table: TABLE, key: orderKey(name, orderId) })),
      );
    },
  };
}

/** The same table, for people who only put orders into it. */
export function createPairOrders(tables: TableClient): PairOrders {
  return {
    async put(name, order) {
      // One that is there already is the same order; a conflict is therefore success.
      await tables.writeMany([
        {
          kind: 'put',
          table: TABLE,
          key: orderKey(name, order.orderId),
          columns: { order: JSON.stringify(order) },
          condition: { existence: 'absent' },
        },
      ]);
    },
  };
}

function orderKey(name: string, orderId: string) {
  return { pair: name, entry: `${ORDER_PREFIX}${orderId}` };
}
