import { describe, expect, it } from 'vitest';
import { describeExploration, exploreLane } from '../../../../infra/local/simulator/lane-model.ts';
import type { LaneDeps } from '../../../../shared/lanes/apply.ts';
import { workLane } from '../../../../shared/lanes/apply.ts';
import { createServerGroupPass } from '../../../../shared/server-groups/apply.ts';
import { anInstance, aSignal, LB } from '../../../support/builders.ts';
import { createMemoryLanes } from '../../../support/memory-lanes.ts';
import { MemoryWorld } from '../../../support/memory-world.ts';

const EVENTS_THAT_MATTER = [
  'dies',
  'sleeps until its lease is over',
  'sleeps until its lease is too short for a call',
  'sleeps in its call until its lease is over',
  'takes the lane, and the reply is lost',
  'reads whether it has taken the lane',
  'comes too late to take the lane',
  'is refused its record, and reads the records again',
  'has recorded the signals that it read, and the reply is lost',
  'sees its call fail',
  'gives up waiting for a call that is still on its way',
  'the call that nobody waits for lands',
  'may not finish: a signal came in, so it goes round again',
  'may not finish: a signal came in, and its time is over',
  'gives the lane up with work left',
  'finishes and dies before it has sent the wake-up',
  'the verification read falls due',
  'the lease of the dead worker ends',
  'is sent by the tick and looks at the lane',
  'is sent by a message and looks at the lane',
  'signal 2 is counted, and its acceptor dies before the done-key',
];

describe("the lane's protocol", () => {
  it('keeps every promise in every state of three workers and two signals', { timeout: 180_000 }, () => {
    const exploration = exploreLane();

    expect(exploration.violations).toEqual([]);
    expect(exploration).toMatchObject({ isComplete: true, workers: 3, signals: 2 });
    // Fewer would say that the model has become blind to something, many more that it takes too long.
    expect(exploration.states).toBeGreaterThan(300_000);
    expect(exploration.states).toBeLessThan(1_000_000);
    expect(exploration.stepsByTicksMax).toBeGreaterThan(20);
    expect(exploration.stepsByMessagesMax).toBeGreaterThan(20);
    const isMissing = (event: string) => (exploration.events[event] ?? 0) < 100;
    expect(EVENTS_THAT_MATTER.filter(isMissing)).toEqual([]);
  });

  it('is explored the same way every time', () => {
    const first = exploreLane({ workers: 2, signals: 1 });

    expect(exploreLane({ workers: 2, signals: 1 })).toEqual(first);
    expect(describeExploration(first)).toMatch(
      /states, .* steps between them, .* everything that can be reached/,
    );
    expect(describeExploration(first)).not.toContain('BROKEN');
  });

  it('is the same without the reductions that keep it small', { timeout: 60_000 }, () => {
    const reduced = exploreLane({ workers: 1, signals: 2 });

    const whole = exploreLane({ workers: 1, signals: 2, isReduced: false });

    expect(whole).toMatchObject({ isComplete: true, violations: [] });
    expect(whole.states).toBeGreaterThan(reduced.states * 2);
    expect(Object.keys(whole.events).sort()).toEqual(Object.keys(reduced.events).sort());
  });

  it('grows with its workers and its signals', () => {
    const states = (workers: number, signals: number) => exploreLane({ workers, signals }).states;

    expect(states(2, 1)).toBeGreaterThan(states(1, 1));
    expect(states(1, 2)).toBeGreaterThan(states(1, 1));
  });

  it('is not judged as a whole when the exploration was cut short', () => {
    const exploration = exploreLane({ workers: 2, signals: 1, statesMax: 500 });

    expect(exploration).toMatchObject({ isComplete: false, violations: [], stepsByTicksMax: null });
    expect(describeExploration(exploration)).toContain('not everything was explored');
    expect(describeExploration(exploration)).not.toContain('nothing-lost');
  });

  it.each([{ workers: 0 }, { workers: 5 }, { workers: 1.5 }, { signals: 0 }, { signals: 4 }])(
    'is not explored with %o',
    (options) => {
      expect(() => exploreLane(options)).toThrow(RangeError);
    },
  );
});

describe('what the model takes for granted of the code', () => {
  it('is the order of its steps', async () => {
    const world = new MemoryWorld({
      instances: [anInstance('i-1')],
      signals: [aSignal('i-1', 'Running')],
    });
    const memory = createMemoryLanes();
    await memory.lanes.signal([LB]);
    const steps: Array<string> = [];
    const noted = <Given extends ReadonlyArray<unknown>, Result>(
      name: string,
      call: (...given: Given) => Promise<Result>,
    ) => {
      return (...given: Given): Promise<Result> => {
        steps.push(name);
        return call(...given);
      };
    };
    const { inbox, backends, groups } = world.deps;
    const deps: LaneDeps = {
      ...world.deps,
      lanes: {
        ...memory.lanes,
        read: noted('row read', memory.lanes.read),
        change: noted('row changed', memory.lanes.change),
      },
      wakeUps: { send: noted('wake-up', memory.wakeUps.send) },
    };
    const pass = createServerGroupPass({
      ...world.deps,
      inbox: {
        ...inbox,
        read: noted('inbox read', inbox.read),
        remove: noted('inbox cleared', inbox.remove),
      },
      backends: {
        readGroups: noted('records read', backends.readGroups),
        commit: noted('records written', backends.commit),
      },
      groups: { ...groups, send: noted('call sent', groups.send) },
    });

    await workLane(deps, LB, pass, world.nowMs + 20_000);

    expect(steps[0]).toBe('row read');
    expect(steps.filter((step, index) => step !== steps[index - 1])).toEqual([
      'row read',
      'wake-up',
      'row changed',
      'inbox read',
      'records read',
      'records written',
      'call sent',
      'records written',
      'inbox cleared',
      'row changed',
      'wake-up',
    ]);
  });
});
