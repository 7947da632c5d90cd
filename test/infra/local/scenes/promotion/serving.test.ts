import { describe, expect, it } from 'vitest';
import { seedPair } from '../../../../../infra/local/scenes/promotion/pair.ts';
import { ServingRecorder } from '../../../../../infra/local/scenes/promotion/serving.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { createSlb } from '../../../../../infra/local/world/slb/slb.ts';
import { LB, NOW_MS } from '../../../../support/builders.ts';

describe('ServingRecorder', () => {
  it("tells who sends to a dead server, and how long that was until CLB's own failover", () => {
    const clock = new VirtualClock(NOW_MS);
    const foundation = createFoundation({ clock });
    const ecs = createEcs(foundation);
    const slb = createSlb(foundation, { ecs });
    const [primaryId = '', secondaryId = ''] = ecs.runInstances({ amount: 2 });
    clock.advanceBy(60_000);
    const listeners = [{ protocol: 'tcp', port: 3306 } as const];
    seedPair({ slb }, { loadBalancerId: LB, listeners }, [primaryId, secondaryId]);
    clock.advanceBy(60_000);
    const recorder = new ServingRecorder({ foundation, slb, ecs }, LB);
    const before = recorder.look();

    ecs.stopInstance({ instanceId: primaryId, forceStop: true });
    const dead = recorder.look();
    while (recorder.look().length > 0) clock.advanceBy(100);

    expect(before).toEqual([]);
    expect(dead).toEqual([`tcp:3306 sends to ${primaryId}, who does not answer`]);
    expect(recorder.gapsMs).toEqual([{ listener: 'tcp:3306', ms: expect.any(Number) }]);
    // Two checks a second apart, each given up after a second.
    expect(recorder.gapsMs[0]?.ms).toBeGreaterThanOrEqual(2_000);
    expect(recorder.gapsMs[0]?.ms).toBeLessThanOrEqual(4_000);
  });
});
