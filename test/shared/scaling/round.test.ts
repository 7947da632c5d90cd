import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../shared/errors.ts';
import { type RoundDeps, signalScalingGroups } from '../../../shared/scaling/round.ts';
import { aHookRow, NOW_MS } from '../../support/builders.ts';

/** What is there of each scaling group: an activity in progress, recorded hooks, or no answer. */
type Found = { readonly activities: number; readonly hooks: number } | 'no answer';

async function round(found: Readonly<Record<string, Found>>) {
  const signalled: Array<string> = [];
  const lines: Array<string> = [];
  const say = (_: unknown, text: string) => {
    lines.push(text);
  };
  const of = (id: string) => {
    const there = found[id];
    if (there === undefined || there === 'no answer') throw new TransientError('ESS is busy', 'busy');
    return there;
  };
  const deps: RoundDeps = {
    scaling: {
      activitiesInProgress: async (id) =>
        Array.from({ length: of(id).activities }, (_, index) => ({
          activityId: `asa-${index}`,
          startedAtMs: NOW_MS,
        })),
    },
    hooks: {
      read: async (scalingGroupId) =>
        Array.from({ length: of(scalingGroupId).hooks }, () => aHookRow({ scalingGroupId })),
    },
    lanes: {
      signal: async (ids) => {
        signalled.push(...ids);
      },
    },
    logger: { info: say, warn: say, error: say },
    scalingGroupIds: Object.keys(found),
  };
  return { returned: await signalScalingGroups(deps), signalled, lines };
}

describe('the round of the scaling groups', () => {
  it('signals nobody where nothing goes on and nothing is recorded', async () => {
    expect(await round({ 'asg-1': { activities: 0, hooks: 0 } })).toMatchObject({
      returned: [],
      signalled: [],
    });
  });

  it('signals the groups with activities, whether or not a message told of them', async () => {
    const { returned, signalled } = await round({
      'asg-1': { activities: 0, hooks: 0 },
      'asg-2': { activities: 2, hooks: 0 },
    });
    expect(returned).toEqual(['asg-2']);
    expect(signalled).toEqual(['asg-2']);
  });

  it('signals a group of which a hook is recorded that nobody waits for any more', async () => {
    expect((await round({ 'asg-1': { activities: 0, hooks: 1 } })).signalled).toEqual(['asg-1']);
  });

  it('leaves a group that cannot be asked to the next tick, and says so', async () => {
    const { signalled, lines } = await round({ 'asg-1': 'no answer', 'asg-2': { activities: 1, hooks: 0 } });
    expect(signalled).toEqual(['asg-2']);
    expect(lines).toEqual([expect.stringContaining('scaling group not looked at: ESS is busy')]);
  });
});
