/** What we use of `@alicloud/fc2`, which has no types of its own. */
export interface Fc2Client {
  invokeFunction(
    service: string,
    name: string,
    event: Buffer,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly headers: Readonly<Record<string, string>> }>;
}

/** The SDK's constructor. `timeout` is in ms; the endpoint says whether it is HTTPS. */
export type Fc2Sdk = new (
  accountId: string,
  config: {
    accessKeyID: string;
    accessKeySecret: string;
    securityToken?: string;
    region: string;
    endpoint: string;
    timeout: number;
    headers?: Record<string, string>;
  },
) => Fc2Client;

/** Loads the SDK when it is first needed: only where functions are called by their service. */
export async function loadFc2(): Promise<Fc2Sdk> {
  const loaded: { default: unknown } = await import('@alicloud/fc2');
  return loaded.default as Fc2Sdk;
}
