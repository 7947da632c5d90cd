/** An INTEGER of the SDK: JavaScript numbers would become DOUBLE columns. */
export interface Int64 {
  toString(): string;
}

/** What we use of the `tablestore` package, which has no types of its own. */
export interface TablestoreSdk {
  readonly Client: new (config: Record<string, unknown>) => SdkClient;
  readonly Long: { fromString(text: string): Int64 };
  readonly Condition: new (existence: unknown, columnCondition: unknown) => unknown;
  readonly SingleColumnCondition: new (
    column: string,
    value: unknown,
    comparator: unknown,
    passIfMissing: boolean,
    latestVersionOnly: boolean,
  ) => object;
  readonly CompositeCondition: new (operator: unknown) => { addSubCondition(condition: unknown): void };
  readonly RowExistenceExpectation: { IGNORE: unknown; EXPECT_EXIST: unknown; EXPECT_NOT_EXIST: unknown };
  readonly ComparatorType: { EQUAL: unknown; LESS_EQUAL: unknown };
  readonly LogicalOperator: { AND: unknown };
  readonly Direction: { FORWARD: unknown; BACKWARD: unknown };
  readonly INF_MIN: unknown;
  readonly INF_MAX: unknown;
}

/** The SDK's client: one generic entry serves all operations. */
export interface SdkClient {
  readonly config: { accessKeyId: string; secretAccessKey: string; stsToken?: string | undefined };
  makeRequest(operation: string, params: unknown, callback: SdkCallback): SdkRequest;
}

/** The request in flight; the stream exists once it is being sent. */
export interface SdkRequest {
  readonly httpRequest: { stream?: { destroy(): void } };
}

/** Called with the Response as `this`, which holds what the promise style loses: headers and raw body. */
export type SdkCallback = (this: SdkResponse, error: SdkError | null, data: unknown) => void;

/** What came back, as it came. */
export interface SdkResponse {
  readonly httpResponse: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Buffer;
  };
}

/** `code` is the HTTP status, never the Tablestore code: that is only in the raw body. */
export interface SdkError extends Error {
  readonly code?: unknown;
}

/**
 * Loads the SDK when it is first needed: it costs about 30 ms of start-up. It is sloppy-mode CommonJS, so the build
 * keeps it in a file of its own.
 */
export async function loadSdk(): Promise<TablestoreSdk> {
  const loaded: { default: unknown } = await import('tablestore');
  return loaded.default as TablestoreSdk;
}
