import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { scalingTable } from '../../../../infra/operator/demo/scaling-table.ts';
import type { SeenScalingGroup } from '../../../../infra/operator/demo/scaling-view.ts';
import { NOW_MS } from '../../../support/builders.ts';

const IDLE: SeenScalingGroup = { name: 'search', inService: 3, coming: 0, leaving: 0, underWay: [] };
const colors = pc.createColors(false);

describe('scalingTable', () => {
  it('shows the instances by state, and that nothing is under way', () => {
    expect(scalingTable([IDLE], { colors, nowMs: NOW_MS })).toMatch(/search +3 +0 +0 +nothing/);
  });

  it('shows an activity with the hook that holds it up and since when', () => {
    const hooks = [{ name: 'until-it-serves', sinceMs: NOW_MS - 4_900 }];
    const group = {
      ...IDLE,
      coming: 27,
      underWay: [{ transition: 'SCALE_OUT', instances: 27, hooks } as const],
    };

    const table = (nowMs: number | null) => scalingTable([group], { colors, nowMs });

    expect(table(NOW_MS)).toMatch(/search +3 +27 +0 +out by 27, hook until-it-serves waits 4 s/);
    // Where it is printed again after each change, the time alone is none.
    expect(table(null)).toMatch(/until-it-serves waits +\n/);
  });

  it('shows several activities below each other', () => {
    const underWay = [
      { transition: 'SCALE_OUT', instances: 2, hooks: [] },
      { transition: 'SCALE_IN', instances: 1, hooks: [] },
    ] as const;

    expect(scalingTable([{ ...IDLE, underWay }], { colors, nowMs: null })).toMatch(/out by 2 *\n +in by 1/);
  });
});
