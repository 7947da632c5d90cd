import { describe, expect, it } from 'vitest';
import type { LifecycleState } from '../../../../shared/instances/model.ts';
import { anInstance, SCALING_GROUP } from '../../../support/builders.ts';
import { aPair } from '../played-lanes.ts';

const selector = { kind: 'scaling-group', scalingGroupId: SCALING_GROUP } as const;

/** An instance as ECS and its scaling group show it; it carries no tag, as after an attachment by hand. */
const member = (id: string, state: LifecycleState, scalingGroupId = SCALING_GROUP) =>
  anInstance(id, { tags: {}, scaling: { scalingGroupId, state } });
const stranger = (id: string) => anInstance(id, { tags: {} });

/** i-0 and i-1 in service for their scaling group. */
const aGroupOfTwo = () =>
  aPair({ selector }).withInstances(member('i-0', 'InService'), member('i-1', 'InService'));

describe('a binding that selects by scaling group', () => {
  it.each(['InService', 'Protected', 'Pending', 'Pending:Wait'] as const)(
    'lets a Running instance in that is %s',
    (state) => {
      const lane = aGroupOfTwo().withInstances(member('i-2', state));
      lane.becomes('i-2', 'Running').look();
      lane.advance(5_000);

      expect(lane.backend('i-2')?.weight).toBe(100);
    },
  );

  it.each(['Standby', 'Stopped', 'Removing', 'Removing:Wait'] as const)(
    'does not let one in that is %s',
    (state) => {
      const lane = aGroupOfTwo().withInstances(member('i-2', state));
      lane.becomes('i-2', 'Running').look();
      lane.advance(120_000);

      expect(lane.sent).toEqual([]);
    },
  );

  it('does not let one in that is of another group, or of none', () => {
    const lane = aGroupOfTwo().withInstances(member('i-2', 'InService', 'asg-other'), stranger('i-3'));
    lane.becomes('i-2', 'Running').becomes('i-3', 'Running').look();
    lane.advance(120_000);

    expect(lane.sent).toEqual([]);
  });

  it.each(['Removing', 'Removing:Wait'] as const)(
    'drains one that is %s, though no message came',
    (state) => {
      const lane = aGroupOfTwo().withInstances(member('i-1', state));
      lane.look();
      lane.advance(60_000);

      expect(lane.sent).toEqual(['0s set-weight i-1=0', '30s remove i-1=0']);
      expect(lane.row('i-1')).toMatchObject({ phase: 'removed', cause: 'scale-in' });
    },
  );

  it('keeps the deadline of the hook when the state shows up as well', () => {
    const lane = aGroupOfTwo().withInstances(member('i-1', 'Removing:Wait'));
    lane.order('i-1', 'scale-in', { deadlineAtMs: lane.nowMs + 35_000 }).look();
    lane.advance(120_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '20s remove i-1=0']);
  });

  it('takes it back in when it is in service again', () => {
    const lane = aGroupOfTwo().withInstances(member('i-1', 'Removing:Wait'));
    lane.look();
    lane.advance(20_000).withInstances(member('i-1', 'InService')).look();
    lane.advance(5_000);

    expect(lane.weights).toEqual(['i-0=100', 'i-1=100']);
    expect(lane.row('i-1')?.orders).toEqual([]);
  });

  it('does not believe that it is in service right after it was told that it leaves', () => {
    const lane = aGroupOfTwo();
    lane.order('i-1', 'scale-in').look();
    lane.advance(10_000).look();

    expect(lane.weights).toEqual(['i-0=100', 'i-1=0']);
  });

  it('takes out what the group has on Standby, or has let go of', () => {
    const onStandby = aGroupOfTwo().withInstances(member('i-1', 'Standby'));
    onStandby.look();
    const detached = aGroupOfTwo().withInstances(stranger('i-1'));
    detached.look();

    expect([onStandby.row('i-1')?.cause, detached.row('i-1')?.cause]).toEqual(['unselected', 'unselected']);
    expect([onStandby.weights, detached.weights]).toEqual([
      ['i-0=100', 'i-1=0'],
      ['i-0=100', 'i-1=0'],
    ]);
  });

  it('empties no group because its scaling group lists nobody any more', () => {
    const lane = aPair({ selector }).withInstances(stranger('i-0'), stranger('i-1'));
    lane.look();
    lane.advance(600_000);

    expect(lane.weights).toEqual(['i-0=100', 'i-1=100']);
    expect(lane.row('i-1')?.held?.by).toBe('unsure');
  });
});

describe('a binding that selects by tags', () => {
  it('ends the order of a scale-in only when somebody takes it back, whatever the instance looks like', () => {
    const lane = aPair();
    lane.order('i-1', 'scale-in').look();
    lane.advance(3_600_000).look();
    expect(lane.backend('i-1')).toBeUndefined();

    lane.takeBack('i-1', 'scale-in').look();
    lane.advance(5_000);
    expect(lane.backend('i-1')?.weight).toBe(100);
  });
});
