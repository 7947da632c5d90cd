import untypedSdk from 'tablestore';
import type { Credential } from '../../../../../infra/local/world/identities.ts';

/** The SDK's own INTEGER. */
export interface Int64 {
  toString(): string;
  toNumber(): number;
}

type Params = Readonly<Record<string, unknown>>;

/** The parts of an SDK answer that tests look at. */
export interface SdkAnswer {
  readonly row: SdkRow;
  readonly rows: ReadonlyArray<SdkRow>;
  /** BatchWriteRow: the rows of all tables in one list. */
  readonly tables: ReadonlyArray<SdkBatchRow>;
  readonly nextStartPrimaryKey: ReadonlyArray<{ name: string; value: unknown }> | null;
  readonly RequestId: string;
  readonly consumed: { capacityUnit: { read: number; write: number } };
  readonly [field: string]: unknown;
}

/** A row as the SDK hands it over; an absent one has neither field. */
export interface SdkRow {
  readonly primaryKey?: ReadonlyArray<{ name: string; value: unknown }>;
  readonly attributes?: ReadonlyArray<{ columnName: string; columnValue: unknown; timestamp: Int64 }>;
}

/** One row of a batch. */
export interface SdkBatchRow extends SdkRow {
  readonly isOk: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

type Operation = (params: Params) => Promise<SdkAnswer>;

/** The operations of the unmodified SDK's client. */
export interface SdkClient {
  readonly config: Record<string, string>;
  readonly createTable: Operation;
  readonly listTable: Operation;
  readonly describeTable: Operation;
  readonly updateTable: Operation;
  readonly deleteTable: Operation;
  readonly putRow: Operation;
  readonly updateRow: Operation;
  readonly deleteRow: Operation;
  readonly getRow: Operation;
  readonly getRange: Operation;
  readonly batchWriteRow: Operation;
  /** Rows table by table. */
  readonly batchGetRow: (
    params: Params,
  ) => Promise<{ readonly tables: ReadonlyArray<ReadonlyArray<SdkBatchRow>> }>;
  readonly startLocalTransaction: Operation;
}

/** The unmodified `tablestore` package. */
export const TableStore = untypedSdk as unknown as {
  readonly Client: new (config: Params) => SdkClient;
  readonly Long: { fromNumber(value: number): Int64; fromString(text: string): Int64 };
  readonly Condition: new (existence: unknown, column: unknown) => unknown;
  readonly SingleColumnCondition: new (
    column: string,
    value: unknown,
    comparator: unknown,
    passIfMissing?: boolean,
    latestVersionOnly?: boolean,
  ) => unknown;
  readonly CompositeCondition: new (operator: unknown) => { addSubCondition(condition: unknown): void };
  readonly RowExistenceExpectation: Record<'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST', unknown>;
  readonly ComparatorType: Record<
    'EQUAL' | 'NOT_EQUAL' | 'GREATER_THAN' | 'GREATER_EQUAL' | 'LESS_THAN' | 'LESS_EQUAL',
    unknown
  >;
  readonly LogicalOperator: Record<'NOT' | 'AND' | 'OR', unknown>;
  readonly Direction: Record<'FORWARD' | 'BACKWARD', unknown>;
  readonly ReturnType: Record<'Primarykey' | 'AfterModify', unknown>;
  readonly INF_MIN: unknown;
  readonly INF_MAX: unknown;
  readonly PK_AUTO_INCR: unknown;
};

/** A client of the local Tablestore with these credentials. */
export function sdkClient(
  endpoint: string,
  credential: Pick<Credential, 'accessKeyId' | 'accessKeySecret'> & {
    readonly securityToken?: string | null;
  },
  instanceName = 'slb-autopilot',
): SdkClient {
  return new TableStore.Client({
    accessKeyId: credential.accessKeyId,
    secretAccessKey: credential.accessKeySecret,
    ...(credential.securityToken ? { stsToken: credential.securityToken } : {}),
    endpoint,
    instancename: instanceName,
    maxRetries: 0,
    httpOptions: { timeout: 5_000 },
  });
}

/** An INTEGER of the SDK. */
export const long = (value: number) => TableStore.Long.fromNumber(value);

/** A condition on the row's existence, and on its columns if given. */
export function condition(
  existence: 'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST',
  column: unknown = null,
): unknown {
  return new TableStore.Condition(TableStore.RowExistenceExpectation[existence], column);
}

/** What the call was refused with: the SDK leaves the code in the text of its error only. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number; code: string; message: string }> {
  const error = await call.then(
    () => null,
    (reason: { code: number; message: string }) => reason,
  );
  if (error === null) throw new Error('the call was expected to be refused');
  return { status: error.code, code: /OTS[A-Za-z]+/.exec(error.message)?.[0] ?? '', message: error.message };
}

/** Attributes by name, INTEGER values as `bigint`. */
export function attributes(row: SdkRow): Record<string, unknown> {
  return Object.fromEntries(
    (row.attributes ?? []).map(({ columnName, columnValue }) => [columnName, plain(columnValue)]),
  );
}

/** Primary key columns by name, INTEGER values as `bigint`. */
export function key(row: SdkRow): Record<string, unknown> {
  return Object.fromEntries((row.primaryKey ?? []).map(({ name, value }) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  const isInt64 = typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
  return isInt64 ? BigInt(String(value)) : value;
}
