import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import type { AdmissionPolicy } from '../../../shared/requests/admission.ts';
import { CHANGE_KINDS, type Change, type ChangeRequest } from '../../../shared/requests/document.ts';
import { aBinding, NOW_MS } from '../builders.ts';
import { aPair } from '../pairs.ts';
import { aRequest, aRequester, CI_KEY, keyPair, OTHER_KEY } from '../requests.ts';

/** A request that was signed, and what is kept of it to judge by. */
export interface Specimen {
  readonly request: ChangeRequest;
  /** What was signed, as {@link plainText}. */
  readonly said: string;
  readonly keyId: KeyId;
  readonly value: string;
  /** Whether it may be admitted as it is: its key is valid and its requester may ask for it. */
  readonly isGood: boolean;
}

const BACKENDS = { binding: 'web', instances: ['i-bp1a', 'i-bp1b'] };
const OF_KIND: Readonly<Record<Change['kind'], Change>> = {
  drain: { kind: 'drain', ...BACKENDS, for: '2h' },
  remove: { kind: 'remove', ...BACKENDS, ports: [8080, 8443] },
  join: { kind: 'join', ...BACKENDS, for: '30m' },
  'set-weight': {
    kind: 'set-weight',
    ...BACKENDS,
    weight: 40,
    weights: [
      { instance: 'i-bp1a', weight: 5 },
      { instanceType: 'ecs.g7.large', weight: 50 },
      { zone: 'cn-hangzhou-h', weight: 80 },
    ],
    for: '1h',
  },
  'release-override': { kind: 'release-override', binding: 'web', instances: 'all' },
  'lift-guard': { kind: 'lift-guard', ...BACKENDS, guard: 'min-in-service', for: '10m' },
  promote: { kind: 'promote', pair: 'orders-db', to: 'i-bp1c', ignoreCoolDown: true },
  'fail-back': { kind: 'fail-back', pair: 'orders-db' },
  pause: { kind: 'pause', pair: 'orders-db', for: '2h' },
  resume: { kind: 'resume', pair: 'orders-db' },
  approve: { kind: 'approve', binding: 'web', requestId: 'deploy-1', planHash: 'ab'.repeat(32) },
};

/** By their ids; the two that are not valid belong to the same requesters. */
const KEYS = {
  'ci-2026': CI_KEY,
  'ci-2025': keyPair('33'.repeat(32)),
  'ops-2026': OTHER_KEY,
  'ops-2027': keyPair('44'.repeat(32)),
};
type KeyId = keyof typeof KEYS;

const aKey = (id: KeyId, fromMs: number | null, untilMs: number | null) => ({
  id,
  publicKey: KEYS[id].publicKey,
  fromMs,
  untilMs,
});

/** `ops` may ask for everything, `ci` for little; each has a key beside the one that is valid. */
export const FUZZ_POLICY: AdmissionPolicy = {
  requests: {
    areSignaturesRequired: true,
    requesters: [
      aRequester({
        keys: [aKey('ci-2026', null, NOW_MS + 1), aKey('ci-2025', null, NOW_MS)],
      }),
      aRequester({
        name: 'ops',
        keys: [aKey('ops-2026', NOW_MS, null), aKey('ops-2027', NOW_MS + 1, null)],
        may: new Set(CHANGE_KINDS),
        on: null,
      }),
    ],
  },
  bindings: [aBinding()],
  pairs: [aPair()],
};

const CI_MAY: ReadonlySet<string> = new Set(['drain', 'release-override']);

/** Signed without the code that is to be judged. */
function specimen(who: 'ci' | 'ops', keyId: KeyId, overrides: Partial<ChangeRequest>): Specimen {
  const content = aRequest({ requestedBy: who, ...overrides });
  const said = plainText(content);
  const value = sign(null, Buffer.from(said), KEYS[keyId].privateKey).toString('base64');
  const isGood = keyId.endsWith('2026') && (who === 'ops' || CI_MAY.has(content.change.kind));
  return { request: { ...content, signature: { keyId, value } }, said, keyId, value, isGood };
}

/** Requests of every kind, by every key, with and without what may be left out. */
export const CORPUS: ReadonlyArray<Specimen> = CHANGE_KINDS.flatMap((kind) => {
  const change = OF_KIND[kind];
  const full: Partial<ChangeRequest> = {
    change,
    requestId: `night:${kind}.2`,
    reason: 'Wartung – 内核更新 🚦',
    notBefore: '2026-04-09T04:00:00Z',
    notAfter: '2026-04-09T06:00:00.5Z',
    dryRun: true,
    planHash: '0f'.repeat(32),
  };
  return [
    specimen('ops', 'ops-2026', { change, requestId: `day-${kind}` }),
    specimen('ops', 'ops-2026', full),
    specimen('ci', 'ci-2026', { change, requestId: `ci-${kind}` }),
    specimen('ci', 'ci-2025', { change, requestId: `old-${kind}` }),
    specimen('ops', 'ops-2027', { change, requestId: `new-${kind}` }),
  ];
});

/** By what they say; no two say the same. */
const BY_SAID: ReadonlyMap<string, Specimen> = new Map(CORPUS.map((each) => [each.said, each]));

/** The specimen that a request is: what it says, the key's id and every character of the signature. `undefined` = none. */
export function specimenOf({
  signature,
  ...content
}: Pick<ChangeRequest, 'signature'>): Specimen | undefined {
  const found = BY_SAID.get(plainText(content));
  if (found?.keyId !== signature?.keyId || found?.value !== signature?.value) return undefined;
  return found;
}

/** Whether exactly this was signed by who may ask for it, with a key that is valid. */
export function wasSigned(request: ChangeRequest): boolean {
  const found = specimenOf(request);
  if (found?.isGood !== true) return false;
  const publicKey = createPublicKey(KEYS[found.keyId].privateKey);
  return verify(null, Buffer.from(found.said), publicKey, Buffer.from(found.value, 'base64'));
}

/** The SHA-256 in hex that a document goes by. */
export function plainHash(value: unknown): string {
  return createHash('sha256').update(plainText(value)).digest('hex');
}

/** A JSON value with its members sorted: equal texts are equal values. Own members alone, `__proto__` among them. */
export function plainText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainText).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${plainText(member)}`).join()}}`;
}
