import { describe, expect, it } from 'vitest';
import { RejectedError, TransientError } from '../../../shared/errors.ts';
import { AnswerBook, type EnquiryDeps } from '../../../shared/server-groups/enquiries.ts';
import { backendId, type Enquiry } from '../../../shared/server-groups/model.ts';
import { GROUP, NOW_MS } from '../../support/builders.ts';
import { ids } from './plan-views.ts';

const identity = (serverId: string, port = 8080) => ({
  vServerGroupId: GROUP,
  serverId,
  port,
  serverIp: null,
});
const probeOf = (serverId: string): Enquiry => ({
  kind: 'probe',
  backend: identity(serverId),
  privateIp: `ip of ${serverId}`,
  probe: { kind: 'tcp', timeoutMs: 2_000 },
});
const countOf = (serverId: string, port = 8080): Enquiry => ({
  kind: 'connections',
  backend: identity(serverId, port),
});

function aBook(overrides: Partial<EnquiryDeps> = {}) {
  const warnings: Array<string> = [];
  const clock = { atMs: NOW_MS, nowMs: () => clock.atMs };
  const book = new AnswerBook({
    prober: { probe: async () => ({ isReady: false, reason: 'no answer' }) },
    connections: { of: async () => new Map() },
    clock,
    logger: { info: () => {}, warn: (_fields, message) => void warnings.push(message), error: () => {} },
    ...overrides,
  });
  return { book, clock, warnings };
}

describe('counts that a monitor does not give', () => {
  it.each([
    ['is not reachable', new TransientError('timeout', 'unknown-outcome')],
    ['may not be asked', new RejectedError('Forbidden')],
  ])('are unknown, with a warning, when it %s', async (_why, error) => {
    const { book, warnings } = aBook({
      connections: {
        of: async () => {
          throw error;
        },
      },
    });

    await book.ask([countOf('i-1')]);

    expect(book.connections.get(backendId(identity('i-1')))).toEqual({ sample: null, atMs: NOW_MS });
    expect(warnings).toHaveLength(1);
  });

  it('are no excuse for a defect of ours', async () => {
    const { book } = aBook({
      connections: {
        of: async () => {
          throw new TypeError('a defect');
        },
      },
    });

    await expect(book.ask([countOf('i-1')])).rejects.toThrow('a defect');
  });

  it('are unknown for the one it leaves out, and 0 is a count', async () => {
    const { book } = aBook({
      connections: { of: async () => new Map([['i-1', { count: 0, sinceMs: NOW_MS }]]) },
    });

    await book.ask([countOf('i-1'), countOf('i-2')]);

    expect([...book.connections.values()].map(({ sample }) => sample?.count ?? null)).toEqual([0, null]);
  });
});

describe('a round of questions', () => {
  it('asks for an instance once, whatever the number of its ports', async () => {
    const asked: Array<ReadonlyArray<string>> = [];
    const { book } = aBook({
      connections: {
        of: async (instanceIds) => {
          asked.push(instanceIds);
          return new Map([['i-1', { count: 7, sinceMs: NOW_MS }]]);
        },
      },
    });

    await book.ask([countOf('i-1', 80), countOf('i-1', 81)]);

    expect(asked).toEqual([['i-1']]);
    expect([...book.connections.values()].map(({ sample }) => sample?.count ?? null)).toEqual([7, 7]);
  });

  it('keeps each answer with the instant at which it was complete', async () => {
    const { book, clock } = aBook({
      prober: {
        probe: async (privateIp) => {
          clock.atMs += 300;
          return { isReady: privateIp === 'ip of i-2', reason: null };
        },
      },
    });

    await book.ask([probeOf('i-1')]);
    await book.ask([probeOf('i-2')]);

    expect([...book.probes.values()]).toEqual([
      { isReady: false, reason: null, atMs: NOW_MS + 300 },
      { isReady: true, reason: null, atMs: NOW_MS + 600 },
    ]);
  });

  it('is bounded, and those who never answer do not keep the others from being asked', async () => {
    const { book, clock } = aBook();
    const all = ids(130).map(probeOf);

    for (let round = 0; round < 3; round++) {
      clock.atMs += 10_000;
      await book.ask(all);
      expect(book.probes.size).toBe(Math.min(130, 50 * (round + 1)));
    }
  });
});
