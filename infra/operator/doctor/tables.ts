import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';
import { TABLES, type TableDefinition } from '../../../shared/adapters/tablestore/tables.ts';
import { mapBounded } from '../../../shared/concurrency.ts';
import { RejectedError } from '../../../shared/errors.ts';
import type { TableFacts } from './model.ts';

/** A row that is nobody's: it is asked for only to learn whether its table is there. */
const NOBODY = 'slb-autopilot/doctor';

const STATES: Readonly<Record<string, TableFacts['state']>> = {
  OTSObjectNotExist: 'missing',
  OTSNoPermissionAccess: 'forbidden',
};

/** Looks for every table of the product by reading a row. Throws what Tablestore says of anything but one table. */
export async function observeTables(client: Pick<TableClient, 'get'>): Promise<ReadonlyArray<TableFacts>> {
  // One after the other until the first is answered: a Tablestore that cannot be reached is told of once.
  return await mapBounded(Object.values<TableDefinition>(TABLES), 1, async ({ name, key }) => {
    try {
      await client.get(
        name,
        Object.fromEntries(key.map((each) => [each.name, each.type === 'STRING' ? NOBODY : 0])),
      );
      return { name, state: 'present' };
    } catch (error) {
      const code = error instanceof RejectedError ? (error.origin.code ?? '') : '';
      const state = Object.hasOwn(STATES, code) ? STATES[code] : undefined;
      if (state === undefined) throw error;
      return { name, state };
    }
  });
}
