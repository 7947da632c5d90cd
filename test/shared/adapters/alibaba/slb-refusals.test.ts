import { describe, expect, it } from 'vitest';
import { errorOf } from '../../../../shared/adapters/alibaba/errors.ts';
import { SLB_REFUSALS } from '../../../../shared/adapters/alibaba/refusals/slb.ts';
import { describeError } from '../../../../shared/errors.ts';
import {
  GroupInUseError,
  MissingListenerError,
  MissingPairGroupError,
} from '../../../../shared/pairs/errors.ts';
import { MissingGroupError, RefusedBackendError } from '../../../../shared/server-groups/errors.ts';
import { codesOf, DOCUMENTED_CODES, type DocumentedCode, type NextStep } from './slb-codes.ts';

/** What the SDK throws for it, through the table. */
const thrown = ({ code, status, message }: DocumentedCode, api: string) =>
  errorOf(api, { code, statusCode: status, requestId: 'R-1', data: { Message: message } }, SLB_REFUSALS);

const MINUTE_MS = 60_000;
const LOOKS: Readonly<Record<NextStep, object>> = {
  throttled: { name: 'TransientError', reason: 'throttled' },
  busy: { name: 'TransientError', reason: 'busy' },
  unavailable: { name: 'TransientError', reason: 'unavailable' },
  'unknown-outcome': { name: 'TransientError', reason: 'unknown-outcome' },
  'not-yet': { name: 'TransientError', reason: 'not-yet' },
  unrecognised: { name: 'TransientError', reason: 'unrecognised' },
  backend: { name: 'RejectedError', heldForMs: MINUTE_MS },
  'backend-yet': { name: 'RejectedError', heldForMs: null },
  rejected: { name: 'RejectedError', heldForMs: MINUTE_MS },
  forbidden: { name: 'RejectedError', heldForMs: 5 * MINUTE_MS },
  'missing-group': { name: 'RejectedError', heldForMs: MINUTE_MS },
  'missing-listener': { name: 'RejectedError', heldForMs: MINUTE_MS },
  'in-use': { name: 'RejectedError', heldForMs: MINUTE_MS },
  conflict: { name: 'ConflictError' },
  defect: { name: 'InvariantError' },
};

const KINDS = [
  RefusedBackendError,
  MissingGroupError,
  MissingPairGroupError,
  MissingListenerError,
  GroupInUseError,
];
const KIND_OF: Partial<Record<NextStep, RegExp>> = {
  backend: /^RefusedBackendError$/,
  'backend-yet': /^RefusedBackendError$/,
  'missing-group': /^Missing(?:Pair)?GroupError$/,
  'missing-listener': /^MissingListenerError$/,
  'in-use': /^GroupInUseError$/,
};
const kindOf = (error: unknown): string => KINDS.find((kind) => error instanceof kind)?.name ?? '';

const operations = [...new Set(DOCUMENTED_CODES.map(({ operation }) => operation))].filter(
  (operation) => operation !== '*',
);

describe.each(operations)('what %s may be answered with', (operation) => {
  it.each(codesOf(operation).map((row) => [`${row.status} ${row.code}: ${row.message}`, row] as const))(
    'leads to what is to be done next: %s',
    (_name, row) => {
      const error = thrown(row, operation);

      expect(error).toMatchObject(LOOKS[row.next]);
      expect(kindOf(error)).toMatch(KIND_OF[row.next] ?? /^$/);
    },
  );

  it('is told in one sentence of our own, with the code and the request', () => {
    for (const row of codesOf(operation)) {
      const told = describeError(thrown(row, operation));

      expect(told).toMatch(
        new RegExp(`\\(${operation}, ${row.code.replaceAll('.', '\\.')}, request R-1\\)$`),
      );
      // Nobody has to know the vendor's tables: neither its words alone, nor more of ours than a sentence.
      if (row.next === 'unrecognised') continue;
      expect(told).not.toMatch(/was refused:|undefined/);
      expect(told.replace(/; in its own words: .*/, '')).not.toMatch(/\.\s/);
    }
  });
});

describe('a code that no page lists', () => {
  it('is told in the words of the API', () => {
    const [row] = codesOf('AddVServerGroupBackendServers').filter(({ next }) => next === 'unrecognised');

    expect(row === undefined ? '' : describeError(thrown(row, 'AddVServerGroupBackendServers'))).toBe(
      'AddVServerGroupBackendServers was refused: The moon is in the wrong quarter. (AddVServerGroupBackendServers, NeverHeardOf.SuchACode, request R-1)',
    );
  });

  it('of a server that has failed leaves the outcome unknown', () => {
    const error = errorOf('SetRule', { code: 'NeverHeardOf', statusCode: 502 }, SLB_REFUSALS);

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unknown-outcome' });
  });
});

describe('the words of a refusal', () => {
  it('about a signature are not repeated, since they hold what was signed', () => {
    const words = 'server string to sign is: POST%2F&SecurityToken%3DCAIS-token';
    const failure = { code: 'SignatureDoesNotMatch', statusCode: 400, data: { Message: words } };

    expect(describeError(errorOf('SetRule', failure, SLB_REFUSALS))).not.toContain('CAIS-token');
  });

  it('that are longer than anybody reads are cut', () => {
    const failure = { code: 'ActionNotAllowed', statusCode: 400, data: { Message: 'x'.repeat(5_000) } };

    expect(describeError(errorOf('SetRule', failure, SLB_REFUSALS)).length).toBeLessThan(1_000);
  });
});
