/** What we use of the generic client in `@alicloud/openapi-core`. It takes plain objects for its own classes. */
export interface RpcSdkClient {
  callApi(
    params: Record<string, string>,
    request: { query: Record<string, string> },
    runtime: object,
  ): Promise<{ body: unknown }>;
}

/** The SDK: a client for one access key, and its way of flattening lists into `Tag.1.Key`. */
export interface RpcSdk {
  readonly Client: new (config: Record<string, unknown>) => RpcSdkClient;
  readonly flatten: (parameters: Record<string, unknown>) => Record<string, string>;
}

/**
 * Loads the SDK when it is first needed: it is the largest single cost of a start. `@alicloud/slb20140515` is thin
 * generated code over the same core, but not in the npm registry; taking it in later touches the gateways only.
 */
export async function loadSdk(): Promise<RpcSdk> {
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
  readonly default: RpcSdk['Client'] | { readonly default: RpcSdk['Client'] };
  readonly OpenApiUtil: { query(parameters: unknown): Record<string, string> };
}
