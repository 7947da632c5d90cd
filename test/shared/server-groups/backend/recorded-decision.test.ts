import { describe, expect, it } from 'vitest';
import { createServerGroupPass } from '../../../../shared/server-groups/apply.ts';
import {
  decidedAgain,
  recordedSituation,
} from '../../../../shared/server-groups/backend/recorded-decision.ts';
import type { Situation } from '../../../../shared/server-groups/backend/situation.ts';
import { aBackend, aBinding, anInstance, aRow } from '../../../support/builders.ts';
import { MemoryWorld } from '../../../support/memory-world.ts';
import { PlayedLane } from '../played-lane.ts';

function aDecision() {
  const lane = new PlayedLane()
    .withInstances(anInstance('i-0'), anInstance('i-1'))
    .withBackends(aBackend('i-0'), aBackend('i-1'))
    .withRows(aRow('i-0'), aRow('i-1'));
  lane.order('i-1', 'scale-in').look();
  const [decision] = lane.decisions;
  if (decision?.situation == null) throw new Error('nothing was decided');
  return { situation: decision.situation, said: { action: decision.action, reason: decision.reason } };
}

const stored = (situation: Situation) => JSON.parse(JSON.stringify(recordedSituation(situation)));

describe('a recorded decision', () => {
  it('is made again from what was stored, under the same bindings', () => {
    const { situation, said } = aDecision();

    expect(decidedAgain(stored(situation), [aBinding({ name: 'other' }), aBinding()])).toEqual(said);
  });

  it('comes out differently when what was stored is tampered with', () => {
    const { situation, said } = aDecision();
    const record = stored(situation);
    record.situation.news.orders = [];

    expect(decidedAgain(record, [aBinding()])).not.toEqual(said);
  });

  it.each([
    ['is there no more', []],
    ['has another policy', [aBinding({ drain: { timeMs: 1 } })]],
  ])('cannot be told when its binding %s', (_what, bindings) => {
    const { situation } = aDecision();

    expect(decidedAgain(stored(situation), bindings)).toBeNull();
  });

  it('keeps the name and the digest of the binding, not all of it', () => {
    const { situation } = aDecision();
    const record = stored(situation);

    expect(record.situation).not.toHaveProperty('binding');
    expect(record).toMatchObject({ binding: 'web', policy: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it('about a backend that no binding wants is made again, too', () => {
    const lane = new PlayedLane(aBinding({ name: 'other', ports: [{ port: 9090, weight: 1 }] }))
      .withInstances(anInstance('i-0'), anInstance('i-1'))
      .withBackends(aBackend('i-0'), aBackend('i-1'))
      .withRows(aRow('i-0'), aRow('i-1'));
    lane.look();
    const [decision] = lane.decisions;

    expect(decision?.situation?.binding).toBeNull();
    expect(decidedAgain(stored(decision?.situation as Situation), [])?.reason).toBe(decision?.reason);
  });
});

describe('the audit of a pass', () => {
  it('holds for every decision of the rules what it can be made again from', async () => {
    const bindings = [aBinding({ drain: { timeMs: 0 } })];
    const world = new MemoryWorld({
      bindings,
      backends: [aBackend('i-0'), aBackend('i-1')],
      rows: [aRow('i-0'), aRow('i-1')],
      instances: [anInstance('i-0'), anInstance('i-1', { status: 'Stopped' })],
    });

    await createServerGroupPass(world.deps)(world.held(), world.nowMs + 20_000);

    const decisions = world.audit.filter(({ inputs }) => 'situation' in inputs);
    expect(decisions.map(({ action }) => action)).toEqual(['drain-decided', 'drain-started']);
    for (const { action, reason, inputs } of decisions) {
      const record = JSON.parse(JSON.stringify(inputs));
      expect(decidedAgain(record, bindings)).toEqual({ action, reason });
      expect(record).toMatchObject({ fence: 9, code: expect.any(String) });
    }
  });
});
