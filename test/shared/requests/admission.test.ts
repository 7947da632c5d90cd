import { describe, expect, it } from 'vitest';
import { admit } from '../../../shared/requests/admission.ts';
import type { ChangeRequest } from '../../../shared/requests/document.ts';
import { aBinding, NOW_MS } from '../../support/builders.ts';
import { aPair } from '../../support/pairs.ts';
import { aRequest, aRequester, CI_KEY, OTHER_KEY, signed } from '../../support/requests.ts';

const NOW = '2026-04-09T04:18:26Z';
const aPolicy = (requester = aRequester(), areSignaturesRequired = true) => ({
  requests: { areSignaturesRequired, requesters: [requester] },
  bindings: [aBinding()],
  pairs: [aPair()],
});
const admission = (request: ChangeRequest, policy = aPolicy()) => admit(request, policy, NOW_MS);

describe('a request', () => {
  it('that is signed by who may ask for it is admitted', () => {
    expect(admission(signed(aRequest()))).toEqual({ kind: 'admitted' });
  });

  it.each<[string, ChangeRequest, string, RegExp]>([
    ['without a signature', aRequest(), 'unsigned', /not signed/],
    [
      'of somebody unknown',
      signed(aRequest({ requestedBy: 'nobody' })),
      'bad-signature',
      /no requester is called nobody/,
    ],
    [
      'under a key that is unknown',
      signed(aRequest(), CI_KEY, 'ci-1999'),
      'bad-signature',
      /no key is called ci-1999/,
    ],
    [
      'signed by another key',
      signed(aRequest(), OTHER_KEY),
      'bad-signature',
      /does not belong to what it says/,
    ],
    [
      'altered after it was signed',
      { ...signed(aRequest()), change: { kind: 'drain', binding: 'web', instances: ['i-bp1b'], for: '2h' } },
      'bad-signature',
      /does not belong to what it says/,
    ],
    [
      'of a kind that its requester may not ask for',
      signed(aRequest({ change: { kind: 'remove', binding: 'web', instances: ['i-bp1a'] } })),
      'right-not-held',
      /ci may not ask for remove/,
    ],
    [
      'about what its requester has no say in',
      signed(aRequest({ change: { kind: 'drain', binding: 'api', instances: ['i-bp1a'], for: '1h' } })),
      'right-not-held',
      /ci may not ask for anything of api/,
    ],
    ['that is too late', signed(aRequest({ notAfter: NOW })), 'expired', /begun before 2026-04-09T04:18:26Z/],
    [
      'that has no time at all',
      signed(aRequest({ notBefore: '2026-05-01T00:00:00Z', notAfter: '2026-04-30T00:00:00Z' })),
      'contradictory',
      /not later than its notBefore/,
    ],
  ])('%s is refused', (_what, request, code, reason) => {
    expect(admission(request)).toEqual({ kind: 'refused', code, reason: expect.stringMatching(reason) });
  });

  it('about something that is not configured is refused, but not before its signer is known', () => {
    const request = aRequest({ change: { kind: 'resume', pair: 'nowhere' } });
    const all = aPolicy(aRequester({ may: new Set(['resume']), on: null }));

    expect(admission(request, all)).toMatchObject({ code: 'unsigned' });
    expect(admission(signed(request), all)).toMatchObject({
      code: 'unknown-target',
      reason: 'no pair is called nowhere',
    });
  });

  it('that is early has to wait until its time', () => {
    const request = signed(aRequest({ notBefore: '2026-04-09T05:00:00Z' }));

    expect(admission(request)).toEqual({ kind: 'early', untilMs: Date.parse('2026-04-09T05:00:00Z') });
  });

  it('needs no signature where none is required, yet a wrong one is wrong there, too', () => {
    const optional = aPolicy(aRequester(), false);

    expect(admission(aRequest(), optional)).toEqual({ kind: 'admitted' });
    expect(admission(signed(aRequest(), OTHER_KEY), optional)).toMatchObject({ code: 'bad-signature' });
  });
});

describe('a request that somebody has to approve', () => {
  it('has to be signed even where signatures are optional: else whoever approves could have asked under any name', () => {
    const policy = { ...aPolicy(aRequester(), false), bindings: [aBinding({ needsApproval: true })] };

    expect(admission(aRequest(), policy)).toMatchObject({ kind: 'refused', code: 'unsigned' });
    expect(admission(signed(aRequest()), policy)).toEqual({ kind: 'admitted' });
  });
});

describe('keys', () => {
  const dated = (id: string, fromMs: number | null, untilMs: number | null) => ({
    id,
    publicKey: CI_KEY.publicKey,
    fromMs,
    untilMs,
  });

  it('count between their dates, so that two that overlap make a rotation', () => {
    const keys = [
      dated('old', null, NOW_MS + 1),
      dated('new', NOW_MS, null),
      dated('over', null, NOW_MS),
      dated('later', NOW_MS + 1, null),
    ];
    const policy = aPolicy(aRequester({ keys }));
    const under = (keyId: string) => admission(signed(aRequest(), CI_KEY, keyId), policy);

    expect([under('old'), under('new')]).toEqual([{ kind: 'admitted' }, { kind: 'admitted' }]);
    expect(under('over')).toMatchObject({ reason: 'the key over is not valid any more' });
    expect(under('later')).toMatchObject({ reason: 'the key later is not valid yet' });
  });

  it('of another requester do not count', () => {
    const policy = {
      ...aPolicy(),
      requests: {
        areSignaturesRequired: true,
        requesters: [aRequester(), aRequester({ name: 'ops', keys: [dated('ops-1', null, null)] })],
      },
    };

    expect(admit(signed(aRequest(), CI_KEY, 'ops-1'), policy, NOW_MS)).toMatchObject({
      reason: "the key ops-1 is not one of ci's",
    });
  });
});
