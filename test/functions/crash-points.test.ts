import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../functions/instance-events/handler.ts';
import { handleTick } from '../../functions/tick/handler.ts';
import type { Production } from '../../shared/adapters/production.ts';
import type { InboundEvent, InstanceState } from '../../shared/events/model.ts';
import { aBinding } from '../support/builders.ts';
import { diesAt } from '../support/crashes.ts';
import { type Stage, setStage } from '../support/stage.ts';

/**
 * Goal: whatever single port call a worker dies at, before it or after it took effect, the story ends the same.
 * Method: one stage, one story after the other on new instances and a group of their own; the first worker dies at
 * call n, a second one gets the same batches again and ticks, with the clock put forward instead of waiting.
 */
const STORIES_MAX = 90;

const bindings = Array.from({ length: STORIES_MAX * 2 }, (_, index) => {
  const number = String(index).padStart(4, '0');
  return aBinding({
    name: `story-${number}`,
    loadBalancerId: `lb-bp1story${number}`,
    vServerGroupId: `rsp-bp1story${number}`,
    selector: { kind: 'tags', tags: { story: number } },
    drain: { timeMs: 20_000 },
  });
});

let stage: Stage;
let skewMs = 0;
beforeAll(async () => {
  // The clock is put forward, the world's is not: its minute would never end.
  stage = await setStage({ bindings, clouds: { switches: { slbRateLimits: 'off' } } });
});
afterAll(() => stage.close());

const clock = { nowMs: () => Date.now() + skewMs };
const event = (instanceId: string, state: InstanceState): InboundEvent => ({
  kind: 'instance-state-changed',
  key: `event/acs.ecs/${instanceId}-${state}`,
  instanceId,
  state,
  atMs: null,
  regionId: 'cn-hangzhou',
  payloadHash: `${instanceId} ${state}`,
});

/** Two instances join, one stops, is drained and removed. Returns the calls that the first worker made. */
async function tell(story: number, n: number, when: 'before' | 'after'): Promise<number> {
  const number = String(story).padStart(4, '0');
  const binding = bindings[story] ?? aBinding();
  const mine = (worker: Production): Production => ({ ...worker, bindings: [binding] });
  const mortal = diesAt(mine(stage.worker({ clock })), n, when);
  const survivor = mine(stage.worker({ clock }));
  const deliver = async (batch: ReadonlyArray<InboundEvent>) => {
    await handleInstanceEvents(mortal.worker, batch).catch(() => undefined);
    await handleInstanceEvents(survivor, batch);
  };
  const settle = async (worker: Production) => {
    for (let turn = 0; turn < 12; turn++) {
      const { nextWakeUpMs, leaseUntilMs, owner, dirty, handled } = await survivor.lanes.read(
        binding.loadBalancerId,
      );
      const dueAtMs = owner !== null ? leaseUntilMs : dirty > handled ? clock.nowMs() : nextWakeUpMs;
      if (dueAtMs === null) return;
      skewMs += Math.max(0, dueAtMs + 1 - clock.nowMs());
      await handleTick(worker, [{ kind: 'tick' }]).catch(() => undefined);
      await handleTick(survivor, [{ kind: 'tick' }]);
    }
    throw new Error('the lane does not come to rest');
  };

  const [leaving = '', staying = ''] = await stage.running(2, { story: number });
  await deliver([event(leaving, 'Running'), event(staying, 'Running')]);
  await settle(mortal.worker);
  stage.clouds.ecs.stopInstance({ instanceId: leaving, forceStop: true });
  await deliver([event(leaving, 'Stopped')]);
  await settle(mortal.worker);

  expect(stage.group(binding.vServerGroupId)).toEqual([`${staying}:8080=100`]);
  expect(stage.rows('inbox').filter(({ lane }) => lane === binding.loadBalancerId)).toEqual([]);
  const records = stage.rows('backends').filter(({ group }) => group === binding.vServerGroupId);
  expect(records.map(({ row }) => JSON.parse(String(row)))).toMatchObject([
    { serverId: staying, phase: 'in-service' },
  ]);
  return mortal.calls().length;
}

describe('a worker that dies at any single call of join, drain and remove', () => {
  it('leaves a story that ends the same, at every point', async () => {
    const calls = await tell(0, Number.POSITIVE_INFINITY, 'before');
    let points = 0;
    for (let n = 1; n <= calls; n++) {
      for (const when of ['before', 'after'] as const) {
        await tell(++points, n, when).catch((cause: unknown) => {
          throw new Error(`death ${when} call ${n} of ${calls}`, { cause });
        });
      }
    }
    expect(calls).toBeGreaterThan(40);
    expect(points).toBe(calls * 2);
  }, 120_000);
});
