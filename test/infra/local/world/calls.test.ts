import { describe, expect, it } from 'vitest';
import type { ApiCall } from '../../../../infra/local/world/api-call.ts';
import { VirtualClock } from '../../../../infra/local/world/clock.ts';
import { AccessDenied, CloudError, ConnectionLost } from '../../../../infra/local/world/errors.ts';
import type { FaultEffect } from '../../../../infra/local/world/faults.ts';
import { createFoundation } from '../../../../infra/local/world/foundation.ts';
import { NOW_MS } from '../../../support/builders.ts';

const RESOURCE = 'acs:slb:cn-hangzhou:1234567890123456:loadbalancer/lb-1';

function aWorld() {
  const clock = new VirtualClock(NOW_MS);
  const foundation = createFoundation({ clock });
  foundation.identities.putRole('worker', []);
  const session = foundation.identities.assumeRole('worker', 'c-1', 3_600_000);
  const call = (overrides: Partial<ApiCall> = {}): ApiCall => ({
    product: 'slb',
    action: 'SetVServerGroupAttribute',
    principal: foundation.identities.administrator.principal,
    subject: 'lb-1',
    resources: [RESOURCE],
    parameters: {},
    ...overrides,
  });
  const inject = (effect: FaultEffect, skip = 0, times: number | null = 1) =>
    foundation.faults.inject({
      name: 'fault',
      match: { action: 'SetVServerGroupAttribute' },
      skip,
      times,
      effect,
    });
  return { ...foundation, clock, session, call, inject };
}

describe('the gate', () => {
  it('denies what the caller’s policy does not allow, and does not apply it', async () => {
    const { gate, call, session } = aWorld();
    let applied = 0;

    await expect(
      gate.perform(call({ principal: session.principal }), 'R-1', () => ++applied),
    ).rejects.toThrow(AccessDenied);

    expect(applied).toBe(0);
    expect(gate.records).toMatchObject([{ errorCode: 'AccessDenied', applied: false, requestId: 'R-1' }]);
  });

  it('throttles the call beyond the limit until the window has slid on', async () => {
    const { gate, call, rateLimits, clock } = aWorld();
    rateLimits.set('slb', 'SetVServerGroupAttribute', { calls: 2, perMs: 60_000 });
    await gate.perform(call(), 'R-1', () => 1);
    clock.advanceBy(30_000);
    await gate.perform(call(), 'R-2', () => 1);

    await expect(gate.perform(call(), 'R-3', () => 1)).rejects.toMatchObject({
      code: 'Throttling.User',
      status: 400,
    });
    clock.advanceBy(30_001);
    await expect(gate.perform(call(), 'R-4', () => 1)).resolves.toBe(1);
  });

  it.each([
    [{ kind: 'error', status: 409, code: 'BackendServer.configuring', message: 'busy' }, CloudError, 0],
    [{ kind: 'lose-request' }, ConnectionLost, 0],
    [{ kind: 'lose-reply' }, ConnectionLost, 1],
    [{ kind: 'kill-caller', when: 'before' }, ConnectionLost, 0],
    [{ kind: 'kill-caller', when: 'after' }, ConnectionLost, 1],
  ] as ReadonlyArray<[FaultEffect, typeof CloudError | typeof ConnectionLost, number]>)(
    'lets the fault %j strike one call',
    async (effect, error, appliedTimes) => {
      const { gate, call, inject } = aWorld();
      inject(effect);
      let applied = 0;

      await expect(gate.perform(call(), 'R-1', () => ++applied)).rejects.toThrow(error);
      expect(applied).toBe(appliedTimes);
      await gate.perform(call(), 'R-2', () => ++applied);
      expect(gate.records.map((record) => record.applied)).toEqual([appliedTimes === 1, true]);
    },
  );

  it('tells who is to be killed', async () => {
    const { gate, call, inject, session, identities } = aWorld();
    identities.putRole('worker', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }] },
    ]);
    inject({ kind: 'kill-caller', when: 'after' });
    const killed: Array<string | null> = [];
    gate.onKillCaller(({ sessionName }) => killed.push(sessionName));

    await gate.perform(call({ principal: session.principal }), 'R-1', () => 1).catch(() => undefined);

    expect(killed).toEqual(['c-1']);
  });

  it('lets as many calls pass first as the fault says', async () => {
    const { gate, call, inject, faults } = aWorld();
    inject({ kind: 'lose-request' }, 2, null);
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => gate.perform(call(), `R-${n}`, () => n)),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(faults.struck('fault')).toBe(2);
  });

  it('takes its time, half before the call takes effect and half after', async () => {
    const { gate, call, clock } = aWorld();
    gate.setLatency('slb', 100);
    let appliedAtMs = 0;
    const answered = gate.perform(call(), 'R-1', () => {
      appliedAtMs = clock.nowMs();
    });
    for (let step = 0; step < 4; step++) {
      clock.advanceBy(50);
      await new Promise(setImmediate);
    }
    await answered;

    expect(appliedAtMs).toBe(NOW_MS + 50);
    expect(gate.records).toMatchObject([{ startedAtMs: NOW_MS, endedAtMs: NOW_MS + 100 }]);
  });
});
