import * as z from 'zod';
import { CHANGE_KINDS, type ChangeKind } from '../requests/document.ts';
import { isRealInstant } from './instant.ts';
import { PublicKeySchema } from './public-key.ts';
import { list, oneOf, section, text } from './schema-parts.ts';

const INSTANT = 'an instant such as 2026-04-09T04:18:26Z';
const InstantSchema = z
  .string({ error: INSTANT })
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, { error: INSTANT })
  .refine(isRealInstant, { error: INSTANT });

const KeySchema = section({
  id: text(/^[A-Za-z0-9._-]{1,64}$/, 'an id of 1 to 64 letters, digits, ".", "_" and "-"'),
  publicKey: PublicKeySchema,
  from: InstantSchema.optional(),
  until: InstantSchema.optional(),
});

/** Who may ask for changes through the queue, and for what. */
export const RequestsSchema = section({
  signatures: oneOf(['required', 'optional']).optional(),
  requesters: list(
    section({
      name: text(/^[a-z0-9-]{1,40}$/, 'a name of 1 to 40 characters out of a-z, 0-9 and -'),
      keys: list(KeySchema, 10, 'keys'),
      may: list(
        oneOf(CHANGE_KINDS as [ChangeKind, ...Array<ChangeKind>]),
        CHANGE_KINDS.length,
        'kinds of changes',
      ),
      on: list(text(/^[a-z0-9-]{1,40}$/, 'the name of a binding or a pair'), 1_000, 'names').optional(),
    }),
    1_000,
    'requesters',
  ).optional(),
});

/** A key that a requester signs with. Two with dates that overlap make a rotation. */
export interface RequesterKey {
  readonly id: string;
  /** 32 bytes in Base64. */
  readonly publicKey: string;
  /** Valid from then on; `null` = from ever. */
  readonly fromMs: number | null;
  /** Valid until then; `null` = for ever. */
  readonly untilMs: number | null;
}

/** Somebody who may ask for changes. */
export interface Requester {
  readonly name: string;
  readonly keys: ReadonlyArray<RequesterKey>;
  readonly may: ReadonlySet<ChangeKind>;
  /** Names of bindings and pairs; `null` = all. */
  readonly on: ReadonlySet<string> | null;
}

/** What the configuration says about change requests. */
export interface RequestPolicy {
  /** Whether a request without a signature is refused. */
  readonly areSignaturesRequired: boolean;
  readonly requesters: ReadonlyArray<Requester>;
}

/** The file's section, with our defaults: as soon as one requester is named, everybody has to sign. */
export function resolveRequests(requests: z.infer<typeof RequestsSchema> | undefined): RequestPolicy {
  const requesters = (requests?.requesters ?? []).map(
    ({ name, keys, may, on }): Requester => ({
      name,
      keys: keys.map(({ id, publicKey, from, until }) => ({
        id,
        publicKey,
        fromMs: from === undefined ? null : Date.parse(from),
        untilMs: until === undefined ? null : Date.parse(until),
      })),
      may: new Set(may),
      on: on === undefined ? null : new Set(on),
    }),
  );
  const isRequired = requests?.signatures ?? (requesters.length > 0 ? 'required' : 'optional');
  return { areSignaturesRequired: isRequired === 'required', requesters };
}
