import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identify, signedBy } from '../../../../infra/operator/requests/sign.ts';
import type { RequestPolicy } from '../../../../shared/config/requests.ts';
import { checkSignature } from '../../../../shared/requests/signature.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { aRequest, aRequester, CI_KEY } from '../../../support/requests.ts';
import { temporaryFolder } from '../autopilot.ts';

const policy = (...requesters: RequestPolicy['requesters']): RequestPolicy => ({
  areSignaturesRequired: true,
  requesters,
});

const CI_PEM = String(CI_KEY.privateKey.export({ format: 'pem', type: 'pkcs8' }));

function fileWith(text: string): string {
  const file = join(temporaryFolder(), 'key.pem');
  writeFileSync(file, text);
  return file;
}

describe('who asks', () => {
  it.each([
    ['what is no key', 'not a key at all'],
    ['the public half', '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----'],
    [
      'an RSA key',
      generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
        format: 'pem',
        type: 'pkcs8',
      }),
    ],
    [
      'a key with a passphrase',
      generateKeyPairSync('ed25519').privateKey.export({
        format: 'pem',
        type: 'pkcs8',
        cipher: 'aes-256-cbc',
        passphrase: 'secret',
      }),
    ],
  ])('is nobody with %s', (_, text) => {
    expect(() => identify({ key: fileWith(String(text)) }, policy(aRequester()), 'mei')).toThrow(
      'there is no Ed25519 private key as PEM without a passphrase',
    );
  });

  it('is not told by repeating what was given: it might be the key itself', () => {
    for (const key of [CI_PEM, CI_PEM.split('\n')[1] ?? '']) {
      let message = '';
      try {
        identify({ key }, policy(aRequester()), 'mei');
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain('There is no key to be read');
      expect(message).not.toContain(CI_PEM.split('\n')[1]);
    }
  });

  it('is not clear with a key that nobody has, or two, or not the one who is named', () => {
    const key = fileWith(CI_PEM);
    const other = aRequester({ name: 'nightly' });

    expect(() => identify({ key }, policy(), 'mei')).toThrow(`public half is ${CI_KEY.publicKey}`);
    expect(() => identify({ key }, policy(aRequester(), other), 'mei')).toThrow(
      'ci and nightly have this key: say with --as who asks.',
    );
    expect(() => identify({ key, as: 'ops' }, policy(aRequester()), 'mei')).toThrow('ops has not this key');
    expect(() => identify({ keyId: 'ci-2026' }, policy(aRequester()), 'mei')).toThrow(
      '--key-id goes with --key',
    );
  });

  it('is whose key it is, with the id that the configuration has for it', () => {
    const { requestedBy, key } = identify({ key: fileWith(CI_PEM) }, policy(aRequester()), 'mei');

    expect({ requestedBy, id: key?.id }).toEqual({ requestedBy: 'ci', id: 'ci-2026' });
  });

  it('is whoever is named with the id of a key, whatever the configuration at hand says', () => {
    const claim = { key: fileWith(CI_PEM), as: 'robot', keyId: 'r-1' };

    const { requestedBy, key } = identify(claim, policy(), 'mei');

    expect({ requestedBy, id: key?.id }).toEqual({ requestedBy: 'robot', id: 'r-1' });
  });

  it.each([
    ['Mei.Chen', 'mei-chen'],
    ['', 'somebody'],
  ])('is, without a key, the user %j as %s', (userName, name) => {
    expect(identify({}, policy(), userName)).toEqual({ requestedBy: name, key: null });
  });
});

describe('a request that is signed', () => {
  it('is believed by who checks it, also where another signature stood', () => {
    const identity = identify({ key: fileWith(CI_PEM) }, policy(aRequester()), 'mei');
    const stale = { ...aRequest(), signature: { keyId: 'x', value: 'A'.repeat(86).concat('==') } };

    for (const request of [aRequest(), stale]) {
      expect(checkSignature(signedBy(request, identity), [aRequester()], NOW_MS).kind).toBe('good');
    }
  });

  it('is as it was without a key', () => {
    expect(signedBy(aRequest(), { requestedBy: 'ci', key: null })).toEqual(aRequest());
  });
});
