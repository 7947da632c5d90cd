import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessKey } from '../../../../shared/access-key.ts';
import { createTableClient, type TableClient } from '../../../../shared/adapters/tablestore/client.ts';
import type { RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import { describeError, InvariantError, RejectedError, TransientError } from '../../../../shared/errors.ts';
import {
  answers,
  failureOf,
  type MisbehavingServer,
  printed,
  startMisbehavingServer,
  WAYS_OF_NOT_ANSWERING,
} from '../../../support/misbehaving-server.ts';

const { main } = createRequire(import.meta.url)('tablestore/lib/protocol/tablestore_compiled_proto.js') as {
  main: { proto: Record<string, Codec> };
};
interface Codec {
  encode(message: object): { finish(): Buffer };
  decode(body: Buffer): { tables: ReadonlyArray<{ tableName: string; rows: ReadonlyArray<unknown> }> };
}

const SECRET = 'secret-of-the-key-0123456789';
const TOKEN = 'CAIS-token-of-the-session-0123456789';
const TIMEOUT_MS = 300;
const MARGIN_MS = 900;

let server: MisbehavingServer;
let client: TableClient;
const connect = (accessKey: () => AccessKey) =>
  createTableClient({
    endpoint: server.endpoint,
    instance: 'slb-autopilot',
    accessKey,
    clock: { nowMs: () => Date.now() },
    timeoutMs: TIMEOUT_MS,
  });
beforeEach(async () => {
  server = await startMisbehavingServer();
  client = connect(() => ({ accessKeyId: 'STS.key', accessKeySecret: SECRET, securityToken: TOKEN }));
});
afterEach(() => server.close());

const row: RowWrite = { kind: 'put', table: 'lanes', key: { lane: 'lb-1' }, columns: { dirty: 1 } };

const refusal = (status: number, code: string, message: string) =>
  answers(status, main.proto.Error?.encode({ code, message }).finish() ?? '', {
    'x-ots-requestid': 'rid-1',
  });

describe('a server that does not answer', () => {
  const writes: ReadonlyArray<readonly [string, (client: TableClient) => Promise<unknown>]> = [
    ['a write', (tables) => tables.write(row)],
    ['a batch of writes', (tables) => tables.writeMany([row])],
    [
      'an increment',
      (tables) =>
        tables.write({
          kind: 'update',
          table: 'lanes',
          key: { lane: 'lb-1' },
          change: { increment: { dirty: 1 } },
        }),
    ],
  ];
  it.each(
    WAYS_OF_NOT_ANSWERING.flatMap(([way, behaviour]) =>
      writes.map(([what, call]) => [way, what, behaviour, call] as const),
    ),
  )('that %s leaves the outcome of %s unknown, in time, and gets it once', async (_, __, behaviour, call) => {
    server.behave(behaviour);

    const { error, tookMs } = await failureOf(call(client));

    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ reason: 'unknown-outcome', origin: { code: null } });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
    expect(server.requests()).toBe(1);
    expect(printed(error)).not.toContain(SECRET);
    expect(printed(error)).not.toContain(TOKEN);
  });

  it.each(WAYS_OF_NOT_ANSWERING)(
    'that %s makes a read fail in time, all its tries together',
    async (_, way) => {
      server.behave(way);

      const { error, tookMs } = await failureOf(client.get('lanes', { lane: 'lb-1' }));

      expect(error).toMatchObject({ name: 'TransientError', reason: 'unknown-outcome' });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
      expect(server.requests()).toBeLessThanOrEqual(3);
    },
  );

  it('once and then does is not noticed by who reads', async () => {
    server.behave((response, request) => {
      if (server.requests() === 1) request.socket.destroy();
      else
        refusal(404, 'OTSObjectNotExist', 'Requested table does not exist.')(response, request, Buffer.of());
    });

    const { error } = await failureOf(client.get('lanes', { lane: 'lb-1' }));

    expect(error).toMatchObject({ name: 'RejectedError', origin: { code: 'OTSObjectNotExist' } });
  });
});

describe('an answer that cannot be read', () => {
  it.each([
    ['garbage', Buffer.from('a7ff00134499ffee', 'hex')],
    ['nothing', Buffer.alloc(0)],
    ['JSON', Buffer.from('{"ok":true}')],
  ])('with success and %s in it leaves the outcome unknown', async (_, body) => {
    server.behave(answers(200, body));

    for (const call of [
      () => client.writeMany([row]),
      () => client.get('lanes', { lane: 'lb-1' }),
      () => client.getMany('lanes', [{ lane: 'lb-1' }]),
      () => client.range('lanes', ['lane'], {}),
    ]) {
      expect((await failureOf(call())).error).toMatchObject({
        name: 'TransientError',
        reason: 'unknown-outcome',
      });
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['OTSAuthFailed', 403],
    ['OTSNoPermissionAccess', 403],
    ['OTSParameterInvalid', 400],
    ['OTSObjectNotExist', 404],
    ['OTSRequestBodyTooLarge', 413],
  ])('with %s (%i) is final, with its code, words and request id', async (code, status) => {
    server.behave(refusal(status, code, 'these words'));

    const { error } = await failureOf(client.write(row));

    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ origin: { api: 'putRow', code, requestId: 'rid-1' } });
    expect(describeError(error)).toContain('these words');
    expect(describeError(error)).toContain(`${code}, request rid-1`);
    expect(server.requests()).toBe(1);
  });

  it.each([
    ['OTSServerBusy', 503, 'unavailable'],
    ['OTSPartitionUnavailable', 503, 'unavailable'],
    ['OTSRowOperationConflict', 409, 'unavailable'],
    ['OTSTableNotReady', 404, 'unavailable'],
    ['OTSNotEnoughCapacityUnit', 403, 'throttled'],
  ])(
    'with %s (%i) is certain not to have been applied, so a write is tried again',
    async (code, status, reason) => {
      server.behave(refusal(status, code, 'later'));

      const { error, tookMs } = await failureOf(client.write(row));

      expect(error).toMatchObject({ name: 'TransientError', reason, origin: { code, requestId: 'rid-1' } });
      expect(server.requests()).toBeGreaterThan(1);
      expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
    },
  );

  it.each([
    ['OTSTimeout', 503],
    ['OTSServerUnavailable', 503],
    ['OTSInternalServerError', 500],
  ])(
    'with %s (%i) leaves the outcome of a write unknown: not tried again, unlike a read',
    async (code, status) => {
      server.behave(refusal(status, code, 'maybe'));

      const { error } = await failureOf(client.write(row));
      expect(error).toMatchObject({ reason: 'unknown-outcome', origin: { code, requestId: 'rid-1' } });
      expect(server.requests()).toBe(1);

      await failureOf(client.get('lanes', { lane: 'lb-1' }));
      expect(server.requests()).toBeGreaterThan(2);
    },
  );

  it('because a condition does not hold is a value', async () => {
    server.behave(refusal(403, 'OTSConditionCheckFail', 'Condition check failed.'));

    expect(await client.write(row)).toBe('conflict');
  });
});

describe('rows of a batch that fail alone', () => {
  /** Answers BatchWriteRow: row by row what `codeOf` says, `null` = written. */
  const batches = (codeOf: (row: number, request: number) => string | null, sizes: Array<number> = []) => {
    server.behave((response, _, body) => {
      const { BatchWriteRowRequest, BatchWriteRowResponse } = main.proto;
      const tables = BatchWriteRowRequest?.decode(body).tables ?? [];
      sizes.push(tables.reduce((sum, { rows }) => sum + rows.length, 0));
      let index = 0;
      const answer = {
        tables: tables.map(({ tableName, rows }) => ({
          tableName,
          rows: rows.map(() => {
            const code = codeOf(index++, server.requests());
            if (code !== null) return { isOk: false, error: { code, message: 'this row' } };
            return { isOk: true, consumed: { capacityUnit: { read: 0, write: 1 } } };
          }),
        })),
      };
      response
        .writeHead(200, { 'x-ots-requestid': 'rid-2' })
        .end(BatchWriteRowResponse?.encode(answer).finish());
    });
    return sizes;
  };
  const five = ['a', 'b', 'c', 'd', 'e'].map((lane): RowWrite => ({ ...row, key: { lane } }) as RowWrite);

  it('fail the call with their own code, and nothing of it is sent again', async () => {
    batches((index) => (index === 3 ? 'OTSParameterInvalid' : null));

    const { error } = await failureOf(client.writeMany(five));

    expect(error).toMatchObject({
      name: 'RejectedError',
      origin: { code: 'OTSParameterInvalid', requestId: 'rid-2' },
    });
    expect(server.requests()).toBe(1);
  });

  it('without having been written are sent again, without the others', async () => {
    const sizes = batches((index, request) =>
      request === 1 && (index === 1 || index === 4) ? 'OTSRowOperationConflict' : null,
    );

    expect(await client.writeMany(five)).toEqual(Array.from({ length: 5 }, () => 'written'));
    expect(sizes).toEqual([5, 2]);
  });

  it('with an unknown outcome keep the others of that call from being sent again', async () => {
    batches((index) => ['OTSServerBusy', 'OTSTimeout'][index] ?? null);

    const { error } = await failureOf(client.writeMany(five));

    expect(error).toMatchObject({ reason: 'unknown-outcome', origin: { code: 'OTSTimeout' } });
    expect(server.requests()).toBe(1);
  });

  it('because of their condition are conflicts, in the order of the call although tables are mixed', async () => {
    batches((index) => (index === 0 || index === 3 ? 'OTSConditionCheckFail' : null));
    const at = (table: string, lane: string): RowWrite => ({ kind: 'delete', table, key: { lane } });

    // On the wire: lanes a, lanes c, lanes e, inbox b, inbox d.
    const results = await client.writeMany([
      at('lanes', 'a'),
      at('inbox', 'b'),
      at('lanes', 'c'),
      at('inbox', 'd'),
      at('lanes', 'e'),
    ]);

    expect(results).toEqual(['conflict', 'conflict', 'written', 'written', 'written']);
  });
});

describe('what cannot be written', () => {
  it.each([1.5, 2 ** 53, 1e21, Number.NaN, Number.POSITIVE_INFINITY])(
    'such as the number %d is a defect, not a call without an answer',
    async (dirty) => {
      const { error } = await failureOf(client.write({ ...row, columns: { dirty } } as RowWrite));

      expect(error).toBeInstanceOf(InvariantError);
      expect(server.requests()).toBe(0);
    },
  );

  it('such as a key of a type that does not exist is a defect as well', async () => {
    const lane = true as unknown as string;

    const { error } = await failureOf(client.get('lanes', { lane }));

    expect(error).toBeInstanceOf(InvariantError);
    expect(server.requests()).toBe(0);
  });
});

describe('the access key', () => {
  it('is the current one in every call, its token too', async () => {
    const seen: Array<unknown> = [];
    server.behave((response, { headers }) => {
      seen.push([headers['x-ots-accesskeyid'], headers['x-ots-ststoken']]);
      response.writeHead(403).end();
    });
    let accessKey: AccessKey = { accessKeyId: 'STS.1', accessKeySecret: 's1', securityToken: 't1' };
    const changing = connect(() => accessKey);

    await failureOf(changing.write(row));
    accessKey = { accessKeyId: 'STS.2', accessKeySecret: 's2', securityToken: 't2' };
    await failureOf(changing.write(row));
    accessKey = { accessKeyId: 'LTAI', accessKeySecret: 's3', securityToken: null };
    await failureOf(changing.write(row));

    expect(seen).toEqual([
      ['STS.1', 't1'],
      ['STS.2', 't2'],
      ['LTAI', undefined],
    ]);
  });

  it('that was missing at first is used once it is there', async () => {
    let accessKey: AccessKey | null = null;
    const late = connect(() => {
      if (accessKey === null) throw new Error('no access key');
      return accessKey;
    });
    server.behave(refusal(403, 'OTSConditionCheckFail', ''));

    await expect(late.write(row)).rejects.toThrow('no access key');
    accessKey = { accessKeyId: 'STS.1', accessKeySecret: 's1', securityToken: 't1' };

    expect(await late.write(row)).toBe('conflict');
  });
});
