/** What we use of `@alicloud/mns`, which has no types of its own. */
export interface MnsSdkClient {
  sendMessage(
    queue: string,
    params: { MessageBody: string; DelaySeconds?: number },
  ): Promise<{ code: number; body?: { MessageId?: string } }>;
  /** `count` 1–16. One message comes without an array around it. Throws `MNSMessageNotExistError` when there is none. */
  batchReceiveMessage(
    queue: string,
    count: number,
    waitSeconds: number,
  ): Promise<{ body: MnsSdkMessage | ReadonlyArray<MnsSdkMessage> }>;
  batchDeleteMessage(queue: string, receiptHandles: ReadonlyArray<string>): Promise<unknown>;
}

/** A message that was received, its body as it was sent. */
export interface MnsSdkMessage {
  readonly MessageBody: string;
  readonly ReceiptHandle: string;
}

/** The SDK's constructor. `connectTimeout` is really the socket's idle timeout, so it must not be below the other. */
export type MnsSdk = new (
  accountId: string,
  options: {
    endpoint: string;
    accessKeyId: string;
    accessKeySecret: string;
    securityToken?: string;
    readTimeout: number;
    connectTimeout: number;
  },
) => MnsSdkClient;

/** Loads the SDK when it is first needed. */
export async function loadSdk(): Promise<MnsSdk> {
  const loaded: { default: unknown } = await import('@alicloud/mns');
  return loaded.default as MnsSdk;
}
