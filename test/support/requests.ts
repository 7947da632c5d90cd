import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { QuarantineItem } from '../../shared/acceptance/model.ts';
import type { Requester } from '../../shared/config/requests.ts';
import { canonicalHash } from '../../shared/events/json.ts';
import type { InboundEvent } from '../../shared/events/model.ts';
import type { AcceptRequestsDeps } from '../../shared/requests/accept.ts';
import type { ChangeRequest } from '../../shared/requests/document.ts';
import { keyOfRow, type RequestRow, receivedRow, requestLaneId } from '../../shared/requests/model.ts';
import { nameOf } from '../../shared/requests/plan.ts';
import { signRequest } from '../../shared/requests/signature.ts';
import { aBinding, NOW_MS } from './builders.ts';

/** A key pair, fixed by its seed of 32 bytes, so that signatures are the same in every run. */
export function keyPair(seedHex: string): { readonly privateKey: KeyObject; readonly publicKey: string } {
  const der = Buffer.from(`302e020100300506032b657004220420${seedHex}`, 'hex');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(-32).toString('base64') };
}

/** The key of the requester `ci`. */
export const CI_KEY = keyPair('11'.repeat(32));
/** A key of somebody else. */
export const OTHER_KEY = keyPair('22'.repeat(32));

/** `ci`, who may ask for drains and their end on `web`. */
export function aRequester(overrides: Partial<Requester> = {}): Requester {
  return {
    name: 'ci',
    keys: [{ id: 'ci-2026', publicKey: CI_KEY.publicKey, fromMs: null, untilMs: null }],
    may: new Set(['drain', 'release-override']),
    on: new Set(['web']),
    ...overrides,
  };
}

/** A drain of one instance for two hours, unsigned. */
export function aRequest(overrides: Partial<ChangeRequest> = {}): ChangeRequest {
  return {
    kind: 'slb-autopilot/change-request',
    version: 1,
    requestId: 'deploy-4711',
    requestedBy: 'ci',
    reason: 'kernel update',
    change: { kind: 'drain', binding: 'web', instances: ['i-bp1a'], for: '2h' },
    ...overrides,
  };
}

/** A request of the lane of `web` as it has just come. */
export function aRequestRow(overrides: Partial<RequestRow> = {}): RequestRow {
  const lane = requestLaneId('binding', 'web');
  return { ...receivedRow(lane, aRequest(), 'a'.repeat(64), NOW_MS), ...overrides };
}

/** The request with a signature of `ci`, or of another key. */
export function signed(request: ChangeRequest, key = CI_KEY, keyId = 'ci-2026'): ChangeRequest {
  return { ...request, signature: { keyId, value: signRequest(request, key.privateKey) } };
}

/** A request of the lane of `web` by its id, as it has just come. */
export function aRowOf(
  requestId: string,
  change: ChangeRequest['change'],
  overrides: Partial<RequestRow> = {},
): RequestRow {
  return aRequestRow({ request: aRequest({ requestId, change }), ...overrides });
}

/** A request that has begun. */
export function aBegunRow(
  change: ChangeRequest['change'] = aRequest().change,
  overrides: Partial<RequestRow> = {},
): RequestRow {
  return aRequestRow({
    request: aRequest({ change }),
    phase: 'in-progress',
    begunAtMs: NOW_MS,
    revision: 3,
    ...overrides,
  });
}

/** The tables of requests in memory, and the rest of what taking them in needs, with all that was sent. */
export function anIntake(stored: ReadonlyArray<RequestRow> = []) {
  const rows = new Map(stored.map((row) => [nameOf(keyOfRow(row)), row]));
  const results: Array<Record<string, unknown>> = [];
  const signalled: Array<string> = [];
  const quarantined: Array<QuarantineItem> = [];
  const deps: AcceptRequestsDeps = {
    requests: {
      read: async (keys) => keys.flatMap((key) => rows.get(nameOf(key)) ?? []),
      put: async (fresh) => {
        for (const row of fresh) {
          const name = nameOf(keyOfRow(row));
          if (!rows.has(name)) rows.set(name, row);
        }
      },
      open: async () => [],
      takeIds: async (keys) => keys,
      commit: async () => ({ refused: [] }),
      close: async () => {},
    },
    results: {
      send: async (text) => {
        results.push(JSON.parse(text));
      },
    },
    requestPolicy: { areSignaturesRequired: true, requesters: [aRequester()] },
    bindings: [aBinding()],
    pairs: [],
    lanes: {
      signal: async (laneIds) => {
        signalled.push(...laneIds);
      },
    },
    quarantine: {
      put: async (items) => {
        quarantined.push(...items);
      },
    },
    clock: { nowMs: () => NOW_MS },
  };
  return { deps, rows, results, signalled, quarantined };
}

/** A request as it comes from its queue. */
export function asked(
  request: ChangeRequest,
  overrides: Partial<Extract<InboundEvent, { kind: 'change-request' }>> = {},
): Extract<InboundEvent, { kind: 'change-request' }> {
  const payloadHash = canonicalHash(request);
  return { kind: 'change-request', request, payloadHash, attempts: 0, story: [], ...overrides };
}
