import type { ClaimRow } from '../../claims/model.ts';
import type { ClaimStore } from '../../claims/ports.ts';
import type { TableClient } from './client.ts';
import type { Cells, ColumnCondition, Row } from './rows.ts';
import { DONE_LIFE_SECONDS, TABLES } from './tables.ts';

const TABLE = TABLES.done.name;

/** Claims as rows of the `done` table. A row is replaced whole when it is claimed, so that its cells age together. */
export function createClaimStore(tables: TableClient): ClaimStore {
  return {
    async read(key) {
      const row = await tables.get(TABLE, { key });
      return row === null || isExpired(row, tables.time.nowMs()) ? null : readClaim(row);
    },
    async change({ expect, row }) {
      const nowSeconds = Math.floor(tables.time.nowMs() / 1_000);
      const expiresAtSeconds = nowSeconds + DONE_LIFE_SECONDS;
      const result = await tables.write({
        kind: 'put',
        table: TABLE,
        key: { key: row.key },
        columns: {
          payloadHash: row.payloadHash,
          owner: row.owner ?? '',
          claimedUntilMs: row.claimedUntilMs,
          expiresAtSeconds,
        },
        condition: { columns: expect === 'absent' ? absentAt(nowSeconds) : asRead(expect) },
      });
      return result === 'written' ? 'changed' : 'conflict';
    },
    async changeHeld(key, token, { owner, claimedUntilMs, result }) {
      const put: Cells = {
        ...(owner === undefined ? {} : { owner: owner ?? '' }),
        ...(claimedUntilMs === undefined ? {} : { claimedUntilMs }),
        ...(result === undefined || result === null ? {} : { result }),
      };
      const written = await tables.write({
        kind: 'update',
        table: TABLE,
        key: { key },
        change: { put },
        condition: {
          existence: 'exists',
          columns: [
            { column: 'owner', is: 'equal', value: token, passIfMissing: false },
            // Only a claim that is not finished lacks the column.
            { column: 'result', is: 'equal', value: '', passIfMissing: true },
          ],
        },
      });
      return written === 'written' ? 'changed' : 'conflict';
    },
  };
}

/** No row, or one whose life has ended and that only waits to be collected. */
function absentAt(nowSeconds: number): ReadonlyArray<ColumnCondition> {
  return [{ column: 'expiresAtSeconds', is: 'at-most', value: nowSeconds, passIfMissing: true }];
}

function asRead({
  owner,
  claimedUntilMs,
}: Pick<ClaimRow, 'owner' | 'claimedUntilMs'>): ReadonlyArray<ColumnCondition> {
  return [
    { column: 'owner', is: 'equal', value: owner ?? '', passIfMissing: false },
    { column: 'claimedUntilMs', is: 'equal', value: claimedUntilMs, passIfMissing: false },
  ];
}

function isExpired(row: Row, nowMs: number): boolean {
  return Number(row.expiresAtSeconds) <= nowMs / 1_000;
}

function readClaim(row: Row): ClaimRow {
  const owner = String(row.owner ?? '');
  return {
    key: String(row.key),
    payloadHash: String(row.payloadHash),
    owner: owner === '' ? null : owner,
    claimedUntilMs: Number(row.claimedUntilMs ?? 0),
    result: row.result === undefined ? null : String(row.result),
  };
}
