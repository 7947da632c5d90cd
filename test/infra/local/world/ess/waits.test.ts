import { describe, expect, it } from 'vitest';
import { codeOf, refusalOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, essWorld } from './ess-world.ts';

type World = ReturnType<typeof essWorld>;

/** A scale-in of one of three instances that waits for the hooks it is given. */
function leaving(world: World): string {
  const [oldest = ''] = world.ess.members(ASG).map(({ instanceId }) => instanceId);
  world.scale(-1);
  return oldest;
}
const waitOf = ({ ess }: World, lifecycleHookId: string) => {
  const found = ess.lifecycleActions().findLast((action) => action.lifecycleHookId === lifecycleHookId);
  if (found === undefined) throw new Error('the hook has no wait');
  return found;
};
const endings = ({ told }: World) =>
  told('hook-completed').map(({ lifecycleHookId, result, by }) => [lifecycleHookId, result, by]);

describe('several hooks of a scale-out', () => {
  it.each([
    ['CONTINUE', 'CONTINUE', 'InService'],
    ['ABANDON', 'CONTINUE', 'InService'],
    ['CONTINUE', 'ABANDON', 'Removing'],
  ])('wait in parallel, and the last one decides: %s, then %s', (first, last, state) => {
    const world = essWorld();
    const { clock, hook, scale, complete, states, waits } = world;
    const [one, other] = [hook('SCALE_OUT'), hook('SCALE_OUT')];
    scale(1);
    clock.advanceBy(BOOT_MS);
    expect(waits().map(({ lifecycleHookId }) => lifecycleHookId)).toEqual([one, other]);
    expect(new Set(waits().map(({ lifecycleActionToken }) => lifecycleActionToken)).size).toBe(2);

    complete(other, first);
    expect(states()).toEqual(['Pending:Wait']);
    complete(one, last);

    expect(states()).toEqual([state]);
  });
});

describe('several hooks of a scale-in', () => {
  it('are all waited for with CONTINUE', () => {
    const world = essWorld();
    const { hook, filled, complete, states } = world;
    filled(3);
    const [one, other] = [hook('SCALE_IN'), hook('SCALE_IN')];
    leaving(world);

    complete(one, 'CONTINUE');
    expect(states()).toEqual(['Removing:Wait', 'InService', 'InService']);
    complete(other, 'CONTINUE');

    expect(states()).toEqual(['Removing', 'InService', 'InService']);
  });

  it.each([
    ['ABANDON', 'Removing'],
    ['ROLLBACK', 'InService'],
  ])('are ended early by %s of one', (result, state) => {
    const world = essWorld();
    const { hook, filled, complete, states, waits } = world;
    filled(3);
    const [one, other] = [hook('SCALE_IN'), hook('SCALE_IN')];
    leaving(world);

    complete(one, result);

    expect(waits()).toEqual([]);
    expect(states()[0]).toBe(state);
    expect(endings(world)).toEqual([
      [one, result, 'caller'],
      [other, result, 'other-hook'],
    ]);
    expect(codeOf(() => complete(other, 'CONTINUE'))).toBe('LifecycleHookIdAndLifecycleActionToken.Invalid');
  });

  it('are ended early by the timeout of one whose default is ABANDON', () => {
    const world = essWorld();
    const { clock, hook, filled, waits } = world;
    filled(3);
    const quick = hook('SCALE_IN', { heartbeatTimeoutSeconds: 30, defaultResult: 'ABANDON' });
    const slow = hook('SCALE_IN');
    leaving(world);

    clock.advanceBy(30_000);

    expect(waits()).toEqual([]);
    expect(endings(world)).toEqual([
      [quick, 'ABANDON', 'timeout'],
      [slow, 'ABANDON', 'other-hook'],
    ]);
  });
});

describe('a wait that nobody ends', () => {
  it.each([
    ['CONTINUE', 'InService'],
    ['ABANDON', 'Removing'],
  ] as const)('comes to the default result %s at its deadline', (defaultResult, state) => {
    const world = essWorld();
    const { clock, hook, scale, states } = world;
    const id = hook('SCALE_OUT', { heartbeatTimeoutSeconds: 45, defaultResult });
    scale(1);
    clock.advanceBy(BOOT_MS + 44_999);
    expect(states()).toEqual(['Pending:Wait']);

    clock.advanceBy(1);

    expect(states()).toEqual([state]);
    expect(waitOf(world, id)).toMatchObject({ status: 'Timeout', result: defaultResult });
    expect(endings(world)).toEqual([[id, defaultResult, 'timeout']]);
    expect(codeOf(() => world.complete(id, 'CONTINUE'))).toBe(
      'LifecycleHookIdAndLifecycleActionToken.Invalid',
    );
  });

  it('keeps its deadline and default when the hook is modified meanwhile', () => {
    const world = essWorld();
    const { ess, clock, hook, scale, states } = world;
    const lifecycleHookId = hook('SCALE_OUT', { heartbeatTimeoutSeconds: 45 });
    scale(1);
    clock.advanceBy(BOOT_MS);
    ess.modifyLifecycleHook({
      lifecycleHookId,
      heartbeatTimeoutSeconds: 600,
      defaultResult: 'ABANDON',
      lifecycleHookStatus: 'InActive',
    });

    clock.advanceBy(45_000);

    expect(states()).toEqual(['InService']);
  });
});

describe('CompleteLifecycleAction', () => {
  const waiting = (switches = {}, defaultResult = 'ABANDON') => {
    const world = essWorld({ switches });
    const id = world.hook('SCALE_OUT', { defaultResult });
    world.scale(1);
    world.clock.advanceBy(BOOT_MS);
    return { ...world, world, id };
  };

  it.each([
    ['default-result', 'Removing'],
    ['continue', 'InService'],
  ] as const)('without a result means %s by the switch', (essCompleteWithoutResult, state) => {
    const { complete, states, id } = waiting({ essCompleteWithoutResult });

    complete(id);

    expect(states()).toEqual([state]);
  });

  it('refuses a repeat, and lets it pass with the client token of the first one', () => {
    const { ess, world, complete, states, id } = waiting();
    complete(id, 'CONTINUE', 'token-1');
    const { lifecycleActionToken } = waitOf(world, id);
    const repeat = (clientToken?: string) =>
      codeOf(() =>
        ess.completeLifecycleAction({
          lifecycleHookId: id,
          lifecycleActionToken,
          lifecycleActionResult: 'CONTINUE',
          clientToken,
        }),
      );

    expect([repeat('token-1'), repeat('token-2'), repeat()]).toEqual([
      null,
      'LifecycleHookIdAndLifecycleActionToken.Invalid',
      'LifecycleHookIdAndLifecycleActionToken.Invalid',
    ]);
    expect(states()).toEqual(['InService']);
  });

  it.each([
    [{ lifecycleHookId: 'ash-none' }, 'LifecycleHookIdAndLifecycleActionToken.Invalid'],
    [{ lifecycleActionToken: 'NONE' }, 'LifecycleHookIdAndLifecycleActionToken.Invalid'],
    [{ lifecycleActionResult: 'continue' }, 'InvalidParamter'],
    [{ lifecycleActionResult: '' }, 'InvalidParamter'],
    [{ clientToken: 'x'.repeat(65) }, 'InvalidParamter'],
    [{ clientToken: 'é' }, 'InvalidParamter'],
  ])('is refused with %o', (wrong, code) => {
    const { ess, world, id, states } = waiting();
    const { lifecycleActionToken } = waitOf(world, id);
    const input = { lifecycleHookId: id, lifecycleActionToken, lifecycleActionResult: 'CONTINUE' };

    expect(refusalOf(() => ess.completeLifecycleAction({ ...input, ...wrong }))).toMatchObject({
      code,
      status: 400,
    });
    expect(states()).toEqual(['Pending:Wait']);
  });

  it('takes a token for its own hook only', () => {
    const world = essWorld();
    const { ess, clock, hook, scale } = world;
    const [one, other] = [hook('SCALE_OUT'), hook('SCALE_OUT')];
    scale(1);
    clock.advanceBy(BOOT_MS);
    const { lifecycleActionToken } = waitOf(world, other);

    expect(codeOf(() => ess.completeLifecycleAction({ lifecycleHookId: one, lifecycleActionToken }))).toBe(
      'LifecycleHookIdAndLifecycleActionToken.Invalid',
    );
  });
});

describe('RecordLifecycleActionHeartbeat', () => {
  const waiting = (switches = {}) => {
    const world = essWorld({ switches });
    const lifecycleHookId = world.hook('SCALE_OUT', { heartbeatTimeoutSeconds: 600 });
    world.scale(1);
    world.clock.advanceBy(BOOT_MS);
    const { lifecycleActionToken } = waitOf(world, lifecycleHookId);
    const beat = (heartbeatTimeoutSeconds?: number) =>
      codeOf(() =>
        world.ess.recordLifecycleActionHeartbeat({
          lifecycleHookId,
          lifecycleActionToken,
          heartbeatTimeoutSeconds,
        }),
      );
    return { ...world, beat };
  };

  it.each([
    ['now', 100_000 + 200_000],
    ['old-deadline', 600_000 + 200_000],
  ] as const)('counts from %s', (essHeartbeatCountsFrom, untilMs) => {
    const { clock, beat, states, told } = waiting({ essHeartbeatCountsFrom });
    const begunAtMs = clock.nowMs();
    clock.advanceBy(100_000);

    expect(beat(200)).toBeNull();

    expect(told('hook-heartbeat')).toMatchObject([{ extensions: 1, deadlineMs: begunAtMs + untilMs }]);
    clock.advanceTo(begunAtMs + untilMs - 1);
    expect(states()).toEqual(['Pending:Wait']);
    clock.advanceBy(1);
    expect(states()).toEqual(['InService']);
  });

  it('takes 600 seconds when none are given', () => {
    const { clock, beat, waits } = waiting();
    clock.advanceBy(100_000);

    beat();

    expect(waits()[0]?.deadlineMs).toBe(clock.nowMs() + 600_000);
  });

  it('is taken 20 times for one wait', () => {
    const { clock, beat } = waiting();

    const answers = Array.from({ length: 21 }, () => {
      clock.advanceBy(1_000);
      return beat(600);
    });

    expect(answers).toEqual([...Array(20).fill(null), 'LifecycleAction.RecordTimesExceeded']);
  });

  it('keeps a wait within six hours in all', () => {
    const { clock, beat } = waiting();
    clock.advanceBy(500_000);

    expect(beat(21_600)).toBe('LifecycleAction.TimeExceeded');
    expect(beat(21_600 - 500)).toBeNull();
  });

  it.each([29, 21_601, 30.5, -1])('refuses %d seconds', (seconds) => {
    const { beat } = waiting();

    expect(beat(seconds)).toBe('InvalidParamter');
  });

  it('is refused once the wait is over', () => {
    const { clock, beat } = waiting();
    clock.advanceBy(600_000);

    expect(beat(600)).toBe('LifecycleHookIdAndLifecycleActionToken.Invalid');
  });
});

describe('deleting a hook', () => {
  it.each([
    ['default-result', 'ABANDON', 'Removing'],
    ['continue', 'CONTINUE', 'InService'],
  ] as const)('ends its wait, which comes to %s', (essDeletedHookResult, result, state) => {
    const world = essWorld({ switches: { essDeletedHookResult } });
    const { ess, clock, hook, scale, states } = world;
    const lifecycleHookId = hook('SCALE_OUT', { defaultResult: 'ABANDON' });
    scale(1);
    clock.advanceBy(BOOT_MS);

    ess.deleteLifecycleHook({ lifecycleHookId });

    expect(states()).toEqual([state]);
    expect(endings(world)).toEqual([[lifecycleHookId, result, 'hook-deleted']]);
  });

  it('leaves the waits of others', () => {
    const world = essWorld();
    const { ess, clock, hook, scale, states, waits } = world;
    const [one, other] = [hook('SCALE_OUT'), hook('SCALE_OUT')];
    scale(1);
    clock.advanceBy(BOOT_MS);

    ess.deleteLifecycleHook({ lifecycleHookId: one });

    expect(waits().map(({ lifecycleHookId }) => lifecycleHookId)).toEqual([other]);
    expect(states()).toEqual(['Pending:Wait']);
  });
});
