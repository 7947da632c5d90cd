import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { BasePersistenceLayer, IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import * as z from 'zod';
import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';
import { TABLES } from '../../../shared/adapters/tablestore/tables.ts';

const TABLE = TABLES.done.name;

const RowSchema = z.object({
  key: z.string(),
  status: z.enum(['INPROGRESS', 'COMPLETED']),
  expiresAtSeconds: z.number(),
  payloadHash: z.string(),
  responseData: z.string().optional(),
});

/** The library's records in the table of done-keys. One call for each of its operations, which is all it offers. */
class TablePersistence extends BasePersistenceLayer {
  readonly #tables: TableClient;

  constructor(tables: TableClient) {
    super();
    this.#tables = tables;
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    const { idempotencyKey, payloadHash = '', expiryTimestamp = 0 } = record;
    const written = await this.#tables.write({
      kind: 'put',
      table: TABLE,
      key: { key: idempotencyKey },
      columns: { status: record.getStatus(), payloadHash, expiresAtSeconds: expiryTimestamp },
      condition: { existence: 'absent' },
    });
    if (written === 'conflict') throw new IdempotencyItemAlreadyExistsError(`${idempotencyKey} is there`);
  }

  protected override async _getRecord(idempotencyKey: string): Promise<IdempotencyRecord> {
    const row = await this.#tables.get(TABLE, { key: idempotencyKey });
    if (row === null) throw new IdempotencyItemNotFoundError();
    const { status, expiresAtSeconds, payloadHash, responseData } = RowSchema.parse(row);
    return new IdempotencyRecord({
      idempotencyKey,
      status,
      payloadHash,
      expiryTimestamp: expiresAtSeconds,
      ...(responseData === undefined ? {} : { responseData: JSON.parse(responseData) }),
    });
  }

  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    const { idempotencyKey, payloadHash = '', expiryTimestamp = 0, responseData = null } = record;
    await this.#tables.write({
      kind: 'update',
      table: TABLE,
      key: { key: idempotencyKey },
      change: {
        put: {
          status: record.getStatus(),
          payloadHash,
          expiresAtSeconds: expiryTimestamp,
          responseData: JSON.stringify(responseData),
        },
      },
    });
  }

  protected override async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    await this.#tables.write({ kind: 'delete', table: TABLE, key: { key: idempotencyKey } });
  }
}

/** A message as a queue hands it over; its body is an event as JSON. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
}

/** Takes a batch of messages, each once; the number that was handled freshly. Throws when a message failed. */
export type TakeBatch = (messages: ReadonlyArray<QueueMessage>) => Promise<number>;

/**
 * The library as its own pages show it: a record for each message, its content checked too, and a handler that does
 * nothing further. In parallel is its default; `false` = one message after the other.
 */
export function createPowertools(tables: TableClient, processInParallel: boolean): TakeBatch {
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'messageId', payloadValidationJmesPath: 'body' });
  // Without it, the library warns at every message.
  config.registerLambdaContext({ getRemainingTimeInMillis: () => 60_000 });
  const processor = new BatchProcessor(EventType.SQS);
  let handled = 0;
  const accept = makeIdempotent(
    async (_message: QueueMessage) => {
      handled++;
      return { accepted: true };
    },
    { persistenceStore: new TablePersistence(tables), config },
  );
  return async (messages) => {
    handled = 0;
    const event = { Records: [...messages] };
    const { batchItemFailures } = await processPartialResponse(event, accept, processor, {
      processInParallel,
    });
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages failed`);
    return handled;
  };
}
