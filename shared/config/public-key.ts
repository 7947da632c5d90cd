import * as z from 'zod';

const ALLOWED =
  'the 32 bytes of an Ed25519 public key in Base64, and none of the few under which anybody can sign';

/** 43 characters have two bits more than 32 bytes; they must be 0, so that one key has one spelling. */
const KEY_TEXT = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * The points of small order, without their sign, and those two that are written with more than the field has. Under such a
 * key one signature fits every eighth request or more, whoever makes it, and OpenSSL does not mind; all zeros, as a placeholder
 * may be, is one of them.
 *
 * @see https://eprint.iacr.org/2020/823
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** An Ed25519 public key as the configuration writes it. */
export const PublicKeySchema = z
  .string({ error: ALLOWED })
  .refine((text) => KEY_TEXT.test(text) && !isOfSmallOrder(text), { error: ALLOWED });

function isOfSmallOrder(base64: string): boolean {
  const bytes = Buffer.from(base64, 'base64');
  // The highest bit is the sign of x.
  bytes.writeUInt8(bytes.readUInt8(31) & 0x7f, 31);
  return SMALL_ORDER.has(bytes.toString('hex'));
}
