import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROJECT_FOLDER } from '../../../infra/deploy/build.ts';
import { REQUEST_SCHEMA_FILE, requestSchemaText } from '../../../infra/deploy/request-schema.ts';
import { CHANGE_KINDS, type ChangeRequest, ChangeRequestSchema } from '../../../shared/requests/document.ts';
import { aRequest, signed } from '../../support/requests.ts';

const text = readFileSync(join(PROJECT_FOLDER, REQUEST_SCHEMA_FILE), 'utf8');
const schema = JSON.parse(text);
/** Reads the file as another language's validator would: it knows nothing of our schema's refinements. */
const validator = z.fromJSONSchema(schema);
const isValid = (document: unknown) => validator.safeParse(document).success;

const change = (members: object) => ({ ...aRequest(), change: members });
const drain = { kind: 'drain', binding: 'web', instances: ['i-bp1a'], for: '2h' };
const weight = { ...drain, kind: 'set-weight' };

describe('the JSON Schema of change requests', () => {
  it('is the one that the functions check by; `npm run schema` writes it', () => {
    expect(text === requestSchemaText()).toBe(true);
  });

  it('says which draft it is of, what it is called, and what each kind of change does', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:slb-autopilot:change-request:1',
      title: expect.any(String),
      description: expect.any(String),
    });
    const kinds: ReadonlyArray<{ title: string; description: string }> = schema.properties.change.oneOf;
    expect(kinds.map(({ title }) => title)).toEqual(CHANGE_KINDS);
    for (const { description } of kinds) expect(description).toMatch(/^[A-Z].*\.$/);
  });

  it.each<[string, unknown]>([
    ['no id', { ...aRequest(), requestId: undefined }],
    ['another version', { ...aRequest(), version: 2 }],
    ['a member that nobody knows', { ...aRequest(), urgent: true }],
    ['spaces for a reason', aRequest({ reason: '  ' })],
    ['an instant with a zone', aRequest({ notAfter: '2026-04-09T06:00:00+08:00' })],
    ['a kind of change that there is not', change({ ...drain, kind: 'reboot' })],
    ['no duration', change({ ...drain, for: undefined })],
    ['a duration in days', change({ ...drain, for: '2d' })],
    ['no instance', change({ ...drain, instances: [] })],
    ['an instance twice', change({ ...drain, instances: ['i-bp1a', 'i-bp1a'] })],
    ['a port twice', change({ ...drain, ports: [80, 80] })],
    ['a port that there is not', change({ ...drain, ports: [65_536] })],
    ['weight and percent', change({ ...weight, weight: 5, percent: 5 })],
    ['neither weight nor percent', change(weight)],
    ['a signature that is none', { ...aRequest(), signature: { keyId: 'ci-2026', value: 'AAAA' } }],
  ])('refuses, as the functions do, a request with %s', (_what, document) => {
    const sent = JSON.parse(JSON.stringify(document));

    expect(ChangeRequestSchema.safeParse(sent).success).toBe(false);
    expect(isValid(sent)).toBe(false);
  });

  it.each<[string, ChangeRequest]>([
    ['as small as it gets', aRequest()],
    ['signed', signed(aRequest())],
    ['with a weight', aRequest({ change: { ...weight, kind: 'set-weight', weight: 0 } })],
    ['with a percentage', aRequest({ change: { ...weight, kind: 'set-weight', percent: 50 } })],
  ])('takes a request %s', (_what, document) => {
    expect(isValid(document)).toBe(true);
  });

  it.each(
    readdirSync(join(PROJECT_FOLDER, 'events')).filter((name) => /^change-request\.(?!schema)/.test(name)),
  )('takes the sample %s', (name) => {
    expect(isValid(JSON.parse(readFileSync(join(PROJECT_FOLDER, 'events', name), 'utf8')))).toBe(true);
  });
});
