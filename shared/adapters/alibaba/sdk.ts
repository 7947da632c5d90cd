import type { Readable } from 'node:stream';

/** A request as the SDK's generic client takes it: plain objects for its own classes. */
export interface SdkRequest {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that is no form; of Buffers only, a text in it is an exception outside of the call's promise. */
  readonly stream?: Readable;
}

/** What it answers; `statusCode` is 2xx, anything else is thrown. */
export interface SdkAnswer {
  readonly statusCode?: number;
  readonly body?: unknown;
}

/** What we use of the generic client in `@alicloud/openapi-core`. */
export interface SdkClient {
  callApi(params: Readonly<Record<string, string>>, request: SdkRequest, runtime: object): Promise<SdkAnswer>;
}

/** The SDK: a client for one access key, and its way of flattening lists into `Tag.1.Key`. */
export interface VendorSdk {
  readonly Client: new (config: Record<string, unknown>) => SdkClient;
  readonly flatten: (parameters: Record<string, unknown>) => Record<string, string>;
}

/**
 * Loads the SDK when it is first needed: it is the largest single cost of a start. `@alicloud/slb20140515` is thin
 * generated code over the same core, but not in the npm registry; taking it in later touches the gateways only.
 */
export async function loadSdk(): Promise<VendorSdk> {
  const loaded = (await import('@alicloud/openapi-core')) as unknown as SdkExports & { default: unknown };
  // CommonJS with a `default` of its own: Node, bundlers and test runners nest it differently.
  const exported = 'OpenApiUtil' in loaded ? loaded : (loaded as { default: SdkExports }).default;
  const { default: Client, OpenApiUtil } = exported;
  return {
    Client: typeof Client === 'function' ? Client : Client.default,
    flatten: (parameters) => OpenApiUtil.query(parameters),
  };
}

interface SdkExports {
  readonly default: VendorSdk['Client'] | { readonly default: VendorSdk['Client'] };
  readonly OpenApiUtil: { query(parameters: unknown): Record<string, string> };
}
