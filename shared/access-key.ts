/** An access key, with a token when it is a role's. Never logged, never stored. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** `null` for a long-lived key. */
  readonly securityToken: string | null;
}

/**
 * Where the adapters take the key for a call from. Asked before every call, so that a token is never used beyond its
 * life: FC hands a fresh one to each invocation.
 */
export type CurrentAccessKey = () => AccessKey;

/** A key that can be replaced: the function sets it from each invocation's context. */
export function replaceableAccessKey(): { current: CurrentAccessKey; replace(key: AccessKey): void } {
  let key: AccessKey | null = null;
  return {
    current: () => {
      if (key === null) throw new Error('no access key: the function has no role, or none was handed over');
      return key;
    },
    replace: (next) => {
      key = next;
    },
  };
}
