import type { DeclarationOrders, DeclarationStore } from '../../declarations/ports.ts';
import type { DeclarationOrder } from '../../declarations/record.ts';
import type { TableClient } from './client.ts';
import { DeclarationOrderSchema, DeclarationRowSchema } from './declaration-row-schema.ts';
import { readDocument } from './documents.ts';
import { auditWrite, rowCondition } from './journal-rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.declarations.name;
const KEY_NAMES = TABLES.declarations.key.map(({ name }) => name);

const ROW_PREFIX = 'group/';
const ORDER_PREFIX = 'order/';

/** The `declarations` table: for each load balancer the rows of its declared groups, and the orders that wait. */
export function createDeclarationStore(tables: TableClient): DeclarationStore {
  return {
    async read(loadBalancerId) {
      const found = await tables.range(TABLE, KEY_NAMES, { loadBalancer: loadBalancerId });
      const of = (prefix: string) => found.filter(({ entry }) => String(entry).startsWith(prefix));
      return {
        rows: of(ROW_PREFIX).map(({ row }) => readDocument(DeclarationRowSchema, TABLE, row)),
        orders: of(ORDER_PREFIX).map(({ order }) => readDocument(DeclarationOrderSchema, TABLE, order)),
      };
    },
    async commit({ row, expectedRevision, audit }) {
      const { loadBalancerId, binding, revision, fence } = row;
      const [result] = await tables.writeMany([
        {
          kind: 'put',
          table: TABLE,
          key: { loadBalancer: loadBalancerId, entry: `${ROW_PREFIX}${binding}` },
          columns: { row: JSON.stringify(row), revision, fence },
          condition: rowCondition(expectedRevision, fence),
        },
        ...audit.map(auditWrite),
      ]);
      return result !== 'conflict';
    },
    async removeOrders(loadBalancerId, orders) {
      await tables.writeMany(
        orders.map((order) => ({ kind: 'delete', table: TABLE, key: orderKey(loadBalancerId, order) })),
      );
    },
  };
}

/** The same table, for people and comparisons, who only put orders into it. */
export function createDeclarationOrders(tables: TableClient): DeclarationOrders {
  return {
    async put(loadBalancerId, order) {
      // One that is there already is the same order; a conflict is therefore success.
      await tables.writeMany([
        {
          kind: 'put',
          table: TABLE,
          key: orderKey(loadBalancerId, order),
          columns: { order: JSON.stringify(order) },
          condition: { existence: 'absent' },
        },
      ]);
    },
  };
}

function orderKey(loadBalancerId: string, { binding, orderId }: DeclarationOrder) {
  return { loadBalancer: loadBalancerId, entry: `${ORDER_PREFIX}${binding}/${orderId}` };
}
