import { verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ConfigError } from '../../../shared/config/faults.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import { publicKeyOf } from '../../../shared/requests/signature.ts';
import { SMALL_ORDER_POINTS, withStrayBit } from '../../support/request-fuzz/signatures.ts';
import { CI_KEY, OTHER_KEY } from '../../support/requests.ts';

/** S of a signature without a secret. */
const ZERO = Buffer.alloc(32);

const file = (requesters: string, binding = '') => `version: 1
region: cn-hangzhou
bindings:
  - name: web
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { tags: { role: web } }
    ports: [{ port: 80 }]
${binding}
requests:
  requesters:
${requesters}`;

const requester = ({
  name = 'ci',
  key = 'ci-2026',
  publicKey = CI_KEY.publicKey,
  may = '[drain]',
  more = '',
} = {}) => `    - { name: ${name}, keys: [{ id: ${key}, publicKey: ${publicKey}${more} }], may: ${may} }\n`;

const parse = (text: string) => parseConfig(text, 'autopilot.yaml');
const faultsOf = (text: string) => {
  try {
    parse(text);
    return [];
  } catch (error) {
    return (error as ConfigError).faults.map(({ path, found, allowed }) => `${path}: ${found}; ${allowed}`);
  }
};

describe('requesters', () => {
  it('have to sign as soon as one is named, and may ask about everything where nothing else is said', () => {
    const { requests } = parse(file(requester()));

    expect(requests.areSignaturesRequired).toBe(true);
    expect(requests.requesters).toMatchObject([{ name: 'ci', may: new Set(['drain']), on: null }]);
  });

  it('rotate between two keys with dates', () => {
    const dated = requester({ more: ', from: 2026-01-01T00:00:00Z, until: 2027-01-01T00:00:00Z' });

    expect(parse(file(dated)).requests.requesters[0]?.keys).toEqual([
      {
        id: 'ci-2026',
        publicKey: CI_KEY.publicKey,
        fromMs: 1_767_225_600_000,
        untilMs: 1_798_761_600_000,
      },
    ]);
  });

  it.each([
    [
      'two of one name',
      requester() + requester({ key: 'other', publicKey: OTHER_KEY.publicKey }),
      /requesters\[1\]\.name: "ci" for the second time/,
    ],
    [
      'two keys of one id',
      requester() + requester({ name: 'ops', publicKey: OTHER_KEY.publicKey }),
      /requesters\[1\]\.keys\[0\]\.id: "ci-2026"/,
    ],
    [
      'one key of two requesters',
      requester() + requester({ name: 'ops', key: 'ops-2026' }),
      /requesters\[1\]\.keys\[0\]\.publicKey: .* for the second time/,
    ],
    ['a kind that is none', requester({ may: '[reboot]' }), /requesters\[0\]\.may\[0\]: "reboot"/],
    [
      'a key that ends before it begins',
      requester({ more: ', from: 2027-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z' }),
      /keys\[0\]\.until: .*after from/,
    ],
    [
      'a key of 31 bytes',
      requester().replace(CI_KEY.publicKey, `${CI_KEY.publicKey.slice(0, 40)}YQ==`),
      /keys\[0\]\.publicKey: .*32 bytes/,
    ],
    [
      'a key in another spelling of its Base64',
      requester().replace(CI_KEY.publicKey, withStrayBit(CI_KEY.publicKey)),
      /keys\[0\]\.publicKey: .*32 bytes/,
    ],
  ])('with %s are refused', (_, requesters, expected) => {
    expect(faultsOf(file(requesters))).toEqual([expect.stringMatching(expected)]);
  });

  // What it is about: with S = 0, R = -hA is one of these few points again, and no secret is needed for that.
  it.each(SMALL_ORDER_POINTS)('with the key %s, under which anybody can sign, are refused', (hex) => {
    const publicKey = Buffer.from(hex, 'hex').toString('base64');
    const forgeries = SMALL_ORDER_POINTS.map((point) => Buffer.concat([Buffer.from(point, 'hex'), ZERO]));
    const isForged = Array.from({ length: 64 }, (_, n) => `request ${n}`).some((said) =>
      forgeries.some((forgery) => verify(null, Buffer.from(said), publicKeyOf(publicKey), forgery)),
    );

    expect(isForged).toBe(true);
    expect(faultsOf(file(requester().replace(CI_KEY.publicKey, publicKey)))).toEqual([
      expect.stringMatching(/keys\[0\]\.publicKey: .*anybody can sign/),
    ]);
  });

  it('that may ask about what there is not are refused', () => {
    const text = file(requester().replace('may: [drain]', 'may: [drain], on: [wbe]'));

    expect(faultsOf(text)).toEqual([expect.stringMatching(/on\[0\]: "wbe"; the name of a binding/)]);
  });
});

describe('an approval', () => {
  it('can be required once somebody may give it', () => {
    const text = file(requester({ may: '[drain, approve]' }), '    approval: required');

    expect(parse(text).bindings[0]?.needsApproval).toBe(true);
  });

  it('that nobody may give is refused', () => {
    expect(faultsOf(file(requester(), '    approval: required'))).toEqual([
      expect.stringMatching(/bindings\[0\]\.approval: "required", and nobody may approve/),
    ]);
  });
});
