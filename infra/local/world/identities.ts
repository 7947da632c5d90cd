import type { WorldClock } from './clock.ts';
import { isAllowed, type PolicyDocument } from './policy.ts';
import type { Ids } from './random.ts';

/** Who makes a call. */
export interface Principal {
  readonly kind: 'administrator' | 'role-session';
  readonly accountId: string;
  readonly accessKeyId: string;
  /** `null` for an administrator. */
  readonly roleName: string | null;
  /** What the session was opened for, a function instance for example; `null` for an administrator. */
  readonly sessionName: string | null;
}

/** An access key pair, with a token and an end when it is a role session's. */
export interface Credential {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string | null;
  readonly expiresAtMs: number | null;
  readonly principal: Principal;
}

/** The account's keys, roles and sessions. */
export interface Identities {
  readonly accountId: string;
  readonly administrator: Credential;
  /** Creates the role, or replaces its policies. */
  putRole(roleName: string, policies: ReadonlyArray<PolicyDocument>): void;
  /** Opens a session of the role; ids start with `STS.` as the vendor's do. Throws for an unknown role. */
  assumeRole(roleName: string, sessionName: string, lifeMs: number): Credential;
  /** The credential of an access key id, whether it has expired or not; `null` when unknown. */
  find(accessKeyId: string): Credential | null;
  /** Whether the credential's life has ended. */
  isExpired(credential: Credential): boolean;
  /** Administrators may do everything; a session what its role's policies say. */
  isAllowed(principal: Principal, action: string, resource: string): boolean;
}

/** Verdicts remembered for each role; names of instances and groups come and go. */
const VERDICTS_MAX = 100_000;

/** The account with one administrator's key. */
export function createIdentities(options: {
  accountId: string;
  accessKeyId: string;
  accessKeySecret: string;
  clock: WorldClock;
  ids: Ids;
}): Identities {
  const { accountId, accessKeyId, accessKeySecret, clock, ids } = options;
  const administrator: Credential = {
    accessKeyId,
    accessKeySecret,
    securityToken: null,
    expiresAtMs: null,
    principal: { kind: 'administrator', accountId, accessKeyId, roleName: null, sessionName: null },
  };
  const roles = new Map<string, ReadonlyArray<PolicyDocument>>();
  // What a role's policies say of a call does not change while they do not.
  const verdicts = new Map<string, Map<string, boolean>>();
  const credentials = new Map<string, Credential>([[accessKeyId, administrator]]);
  return {
    accountId,
    administrator,
    putRole(roleName, policies) {
      roles.set(roleName, policies);
      verdicts.set(roleName, new Map());
    },
    assumeRole(roleName, sessionName, lifeMs) {
      if (!roles.has(roleName)) throw new Error(`no role ${roleName} in the local account`);
      const id = `STS.NT${ids.hex(22)}`;
      const credential: Credential = {
        accessKeyId: id,
        accessKeySecret: ids.hex(44),
        securityToken: `CAIS${ids.hex(120)}`,
        expiresAtMs: clock.nowMs() + lifeMs,
        principal: { kind: 'role-session', accountId, accessKeyId: id, roleName, sessionName },
      };
      credentials.set(id, credential);
      return credential;
    },
    find: (id) => credentials.get(id) ?? null,
    isExpired: (credential) => credential.expiresAtMs !== null && credential.expiresAtMs <= clock.nowMs(),
    isAllowed(principal, action, resource) {
      if (principal.kind === 'administrator') return true;
      const roleName = principal.roleName ?? '';
      const known = verdicts.get(roleName);
      if (known === undefined) return false;
      const key = `${action} ${resource}`;
      const verdict = known.get(key) ?? isAllowed(roles.get(roleName) ?? [], action, resource);
      if (known.size < VERDICTS_MAX) known.set(key, verdict);
      return verdict;
    },
  };
}
