import { describe, expect, it } from 'vitest';
import { aScalingStage } from './scaling-stage.ts';

describe('a scale-in', () => {
  it('is answered once its instances are drained and removed, and not before', async () => {
    const stage = await aScalingStage();
    expect(stage.weights()).toHaveLength(3);

    stage.scale(-1);
    await stage.pass(10_000);
    expect(stage.weights().filter((each) => each.endsWith('=0'))).toHaveLength(1);
    expect(stage.ends()).toEqual([]);

    await stage.settle(120_000);
    expect(stage.ends()).toEqual([expect.stringMatching(/^3[0-9]s CONTINUE by caller$/)]);
    expect(stage.weights()).toHaveLength(2);
    expect(stage.inService()).toHaveLength(2);
  });
});

describe('a scale-out', () => {
  it('is answered once every instance serves', async () => {
    const stage = await aScalingStage();

    stage.scale(2);
    await stage.settle(120_000);

    expect(stage.ends()).toEqual([expect.stringMatching(/^\d+s CONTINUE by caller$/)]);
    expect(stage.weights()).toHaveLength(5);
    expect(stage.inService()).toHaveLength(5);
  });
});
