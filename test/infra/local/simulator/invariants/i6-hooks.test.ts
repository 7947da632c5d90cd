import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../../../infra/local/world/errors.ts';
import type { Config } from '../../../../../shared/config/load.ts';
import type { HookRow } from '../../../../../shared/scaling/model.ts';
import { aBinding, aHookRow, GROUP, SCALING, SCALING_GROUP } from '../../../../support/builders.ts';
import { aRecord, History, MARK, tableWrite, WORKER } from './history.ts';

const SECOND_MS = 1_000;
const HOOK = 'ash-bp1drain00001';
const READY = 'every instance serves where it belongs';
const DRAINED = 'every drain has ended';
const TIME_UP = 'its time is up: not every drain has ended';

/** A history with one Running instance, in the scaling group and in the vServer group with this weight, if any. */
function aHistory(weight: number | null, policy: Partial<Config['scaling']['policy']> = {}) {
  const history = new History({
    bindings: [aBinding({ drain: { ...aBinding().drain, timeMs: 60_000 } })],
    scaling: { ...SCALING, policy: { ...SCALING.policy, ...policy } },
  });
  const { ecs, ess, slb } = history.clouds;
  const [id = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'web' }] });
  history.passes(30 * SECOND_MS);
  ess.seedScalingGroup({ scalingGroupId: SCALING_GROUP, minSize: 0, maxSize: 9 });
  ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds: [id] });
  if (weight !== null) {
    const backendServers = [{ serverId: id, port: 8080, weight, description: MARK }];
    slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers });
  }
  return { history, id };
}

const answerOf = (result: 'CONTINUE' | 'ABANDON' | 'ROLLBACK', reason: string) => ({
  result,
  reason,
  clientToken: `c-${result}`,
  decidedAtMs: 0,
});

/** The row of the instance's hook is given this answer by the worker. */
function decides(history: History, id: string, answer: HookRow['answer'], changes: Partial<HookRow> = {}) {
  const before = aHookRow({ instanceIds: [id], ...changes });
  const cells = (row: HookRow) => ({ hook: JSON.stringify(row) });
  const after = { ...before, answer };
  history.changes('hooks', [SCALING_GROUP, `${HOOK}/${before.token}`], cells(before), cells(after));
}

function sendsAnswer(history: History, result: string, clientToken = `c-${result}`) {
  const { token } = aHookRow();
  const parameters = {
    LifecycleHookId: HOOK,
    LifecycleActionToken: token,
    LifecycleActionResult: result,
    ClientToken: clientToken,
  };
  history.sends({ product: 'ess', action: 'CompleteLifecycleAction', parameters });
}

describe('an answer', () => {
  const { token } = aHookRow();

  it('that stands in no record breaks I6', () => {
    const { history } = aHistory(null);
    sendsAnswer(history, 'CONTINUE');

    expect(history.broken('I6')).toEqual([
      `events-1 answers ${HOOK} ${token} with CONTINUE, where no answer is recorded`,
    ]);
  });

  it('that is repeated as it was recorded does not', () => {
    const { history, id } = aHistory(null);
    decides(history, id, answerOf('CONTINUE', DRAINED));
    sendsAnswer(history, 'CONTINUE');
    sendsAnswer(history, 'CONTINUE');

    expect(history.broken('I6')).toEqual([]);
  });

  it.each([
    ['another result', 'ROLLBACK', 'c-CONTINUE'],
    ['another client token', 'CONTINUE', 'c-new'],
  ])('that is repeated with %s breaks it', (_, result, clientToken) => {
    const { history, id } = aHistory(null);
    decides(history, id, answerOf('CONTINUE', DRAINED));
    sendsAnswer(history, 'CONTINUE');
    sendsAnswer(history, result, clientToken);

    expect(history.broken('I6')).toEqual([
      `events-1 answers ${HOOK} ${token} with ${result} (${clientToken}) after CONTINUE (c-CONTINUE)`,
    ]);
  });
});

it('a heartbeat that is one too many breaks I6', () => {
  const { history } = aHistory(null);
  const parameters = { lifecycleHookId: HOOK };
  const call = history.sends({ product: 'ess', action: 'RecordLifecycleActionHeartbeat', parameters });
  const error = new CloudError(400, 'LifecycleAction.RecordTimesExceeded', 'no more');
  history.lands(call, { isOk: false, error });

  expect(history.broken('I6')).toEqual([`events-1 sends ${HOOK} more heartbeats than there are`]);
});

describe('CONTINUE of a scale-in', () => {
  it('breaks I6 while the instance has weight', () => {
    const { history, id } = aHistory(100);
    history.passes(30 * SECOND_MS);
    decides(history, id, answerOf('CONTINUE', DRAINED));

    expect(history.broken('I6')).toEqual([
      `events-1 lets ${HOOK} continue (${DRAINED}), while ${id}:8080 of ${GROUP} has weight 100`,
    ]);
  });

  it('breaks it before the drain is over', () => {
    const { history, id } = aHistory(0);
    history.passes(50 * SECOND_MS);
    decides(history, id, answerOf('ABANDON', DRAINED));

    expect(history.broken('I6')).toEqual([
      `events-1 lets ${HOOK} continue (${DRAINED}), 10000 ms before the drain of ${id}:8080 of ${GROUP} is over`,
    ]);
  });

  it.each([
    ['the drain is over', 0, 61],
    ['the instance is in no group', null, 1],
    ['it came into the group after the worker had looked', 100, 5],
  ])('does not when %s', (_, weight, seconds) => {
    const { history, id } = aHistory(weight);
    history.passes(seconds * SECOND_MS);
    decides(history, id, answerOf('CONTINUE', DRAINED));

    expect(history.broken('I6')).toEqual([]);
  });

  it.each([
    ['continue', 0],
    ['rollback', 1],
  ] as const)('when its time is up is judged by the setting: %s', (whenTimeIsUp, broken) => {
    const { history, id } = aHistory(100, { whenTimeIsUp });
    history.passes(30 * SECOND_MS);
    decides(history, id, answerOf('CONTINUE', TIME_UP));

    expect(history.broken('I6')).toHaveLength(broken);
  });

  it('is not judged where the instances stay', () => {
    const { history, id } = aHistory(100);
    history.passes(30 * SECOND_MS);
    decides(history, id, answerOf('ROLLBACK', 'the instances have to stay'));

    expect(history.broken('I6')).toEqual([]);
  });
});

describe('CONTINUE of a scale-out', () => {
  const coming = { transition: 'SCALE_OUT' } as const;
  const lists = (history: History, id: string) => {
    const parameters = { ScalingGroupId: SCALING_GROUP };
    history.answers(history.sends({ product: 'ess', action: 'DescribeScalingInstances', parameters }), {
      ScalingInstances: [{ InstanceId: id, LifecycleState: 'Pending:Wait' }],
    });
  };

  it('breaks I6 while the instance does not serve', () => {
    const { history, id } = aHistory(1);
    history.records(null, aRecord(id, { phase: 'joining' }));
    history.passes(30 * SECOND_MS);
    lists(history, id);
    decides(history, id, answerOf('CONTINUE', READY), coming);

    expect(history.broken('I6')).toEqual([
      `events-1 lets ${HOOK} continue (${READY}), while ${id}:8080 of ${GROUP} is joining with weight 1`,
    ]);
  });

  it.each(['ramping', 'in-service'] as const)('does not once it is %s', (phase) => {
    const { history, id } = aHistory(10);
    history.records(null, aRecord(id, { phase }));
    history.passes(30 * SECOND_MS);
    lists(history, id);
    decides(history, id, answerOf('CONTINUE', READY), coming);

    expect(history.broken('I6')).toEqual([]);
  });

  it.each([
    ['continue', 0],
    ['abandon', 1],
  ] as const)('when it is not ready in time is judged by the setting: %s', (whenNotReady, broken) => {
    const { history, id } = aHistory(null, { whenNotReady });
    history.passes(30 * SECOND_MS);
    lists(history, id);
    decides(history, id, answerOf('CONTINUE', 'not ready'), coming);

    expect(history.broken('I6')).toHaveLength(broken);
  });
});

describe('a hook of ours that runs into its timeout', () => {
  /** The instance is to leave, and nobody answers the hook for three minutes; `before` happens a minute before its end. */
  const timesOut = (before: (history: History) => void, queue = 'slb-autopilot-scaling-hooks') => {
    const { history, id } = aHistory(null);
    const { ess, foundation } = history.clouds;
    ess.seedLifecycleHook({
      scalingGroupId: SCALING_GROUP,
      lifecycleHookId: HOOK,
      lifecycleTransition: 'SCALE_IN',
      heartbeatTimeoutSeconds: 180,
      notificationArn: `acs:mns:${foundation.region}:${foundation.identities.accountId}:queue/${queue}`,
    });
    ess.removeInstances({ scalingGroupId: SCALING_GROUP, instanceIds: [id] });
    history.passes(120 * SECOND_MS);
    before(history);
    history.passes(61 * SECOND_MS);
    return history.broken('I6');
  };
  const failing = (product: 'ots' | 'slb') => (history: History) => {
    history.ticks();
    const call = history.sends({ ...tableWrite(), product });
    history.lands(call, { isOk: false, error: new CloudError(503, 'ServiceUnavailable', 'busy') });
  };

  it('breaks I6 when a tick has run in the last two minutes', () => {
    expect(timesOut((history) => history.ticks())).toEqual([
      expect.stringContaining(`${HOOK} runs into its timeout, though everybody answers`),
    ]);
  });

  it.each([
    ['no tick has run', () => {}],
    [
      'functions have been started again only for the last half minute',
      (history: History) => {
        history.passes(31 * SECOND_MS);
        history.ticks();
      },
    ],
    [
      'the tick before the last half minute has died',
      (history: History) => {
        history.ticks({ dies: true });
        history.passes(31 * SECOND_MS);
        history.ticks();
      },
    ],
    ['the tables do not answer', failing('ots')],
    [
      'a call of theirs is not answered in time',
      (history: History) => {
        history.ticks();
        history.sends(tableWrite());
      },
    ],
  ])('does not when %s', (_, before) => {
    expect(timesOut(before)).toEqual([]);
  });

  it('breaks it when SLB alone does not answer', () => {
    expect(timesOut(failing('slb'))).toHaveLength(1);
  });

  it('does not when it is a neighbour’s', () => {
    expect(timesOut((history) => history.ticks(), 'slb-autopilot-wake-ups')).toEqual([]);
  });
});

it('an answer that lets a scaling group release the last instance that serves breaks I1', () => {
  const { history, id } = aHistory(100);
  history.passes(30 * SECOND_MS);
  decides(history, id, answerOf('CONTINUE', TIME_UP));
  sendsAnswer(history, 'CONTINUE');

  expect(history.broken('I1')).toEqual([
    `${WORKER} has Auto Scaling take ${id}:8080 out of ${GROUP}, which leaves 0 of 1 able to serve, and 1 must`,
  ]);
});
