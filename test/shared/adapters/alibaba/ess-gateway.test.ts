import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { RejectedError, TransientError } from '../../../../shared/errors.ts';
import {
  HeartbeatLimitError,
  HookEndedError,
  MissingScalingGroupError,
} from '../../../../shared/scaling/errors.ts';
import { HOOK_QUEUE } from '../../../../shared/scaling/model.ts';
import type { ScalingGateway } from '../../../../shared/scaling/ports.ts';
import { GROUP, LB, SCALING_GROUP } from '../../../support/builders.ts';
import { answers, failureOf, startMisbehavingServer } from '../../../support/misbehaving-server.ts';
import { type Stage, setStage, until } from '../../../support/stage.ts';
import { createWorker } from '../../../support/worker.ts';

const HOOK = 'ash-bp1scalein0001';

let stage: Stage;
let scaling: ScalingGateway;
beforeEach(async () => {
  stage = await setStage();
  const { ess, foundation } = stage.clouds;
  ess.seedScalingGroup({ scalingGroupId: SCALING_GROUP, minSize: 0, maxSize: 200 });
  ess.seedLifecycleHook({
    lifecycleHookId: HOOK,
    scalingGroupId: SCALING_GROUP,
    lifecycleHookName: 'drain',
    lifecycleTransition: 'SCALE_IN',
    heartbeatTimeoutSeconds: 900,
    defaultResult: 'ROLLBACK',
    notificationArn: `acs:mns:${foundation.region}:${foundation.identities.accountId}:queue/${HOOK_QUEUE}`,
  });
  scaling = stage.worker().scaling;
});
afterEach(() => stage.close());

/** Instances in service in the scaling group. */
async function members(count: number): Promise<ReadonlyArray<string>> {
  // As many as one RunInstances takes.
  const instanceIds = [...(await stage.running(Math.min(count, 100)))];
  if (count > 100) instanceIds.push(...(await stage.running(count - 100)));
  stage.clouds.ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds });
  return instanceIds;
}

/** One instance leaves and waits for an answer. */
async function aWait() {
  const [instanceId = ''] = await members(1);
  const scalingActivityId = stage.clouds.ess.removeInstances({
    scalingGroupId: SCALING_GROUP,
    instanceIds: [instanceId],
  });
  await until(() => stage.clouds.ess.lifecycleActions().length > 0);
  const token = stage.clouds.ess.lifecycleActions()[0]?.lifecycleActionToken ?? '';
  const identity = { scalingGroupId: SCALING_GROUP, lifecycleHookId: HOOK, token };
  return { instanceId, scalingActivityId, token, identity };
}

const answer = (result: 'CONTINUE' | 'ABANDON' | 'ROLLBACK', clientToken = 'token-1') => ({
  result,
  reason: 'it is out',
  clientToken,
  decidedAtMs: 0,
});

describe('what a scaling group looks like', () => {
  it('lists every instance with its state, over as many pages as it takes', async () => {
    const ids = await members(101);
    stage.clouds.ess.enterStandby({ scalingGroupId: SCALING_GROUP, instanceIds: [ids[0] ?? ''] });

    const states = await scaling.instances(SCALING_GROUP);

    expect(states.size).toBe(101);
    expect(states.get(ids[0] ?? '')).toBe('Standby');
    expect(new Set([...states.values()])).toEqual(new Set(['Standby', 'InService']));
  });

  it('names its hooks with timeout, default result and whom they notify', async () => {
    const { accountId } = stage.clouds.foundation.identities;

    expect(await scaling.hooks(SCALING_GROUP)).toEqual([
      {
        lifecycleHookId: HOOK,
        name: 'drain',
        transition: 'SCALE_IN',
        timeoutSeconds: 900,
        defaultResult: 'ROLLBACK',
        isActive: true,
        notificationArn: `acs:mns:cn-hangzhou:${accountId}:queue/slb-autopilot-scaling-hooks`,
      },
    ]);
  });

  it('tells of an inactive hook that it is', async () => {
    stage.clouds.ess.modifyLifecycleHook({ lifecycleHookId: HOOK, lifecycleHookStatus: 'InActive' });

    expect(await scaling.hooks(SCALING_GROUP)).toMatchObject([{ isActive: false }]);
  });

  it('names the vServer groups that it manages itself', async () => {
    expect(await scaling.attachments(SCALING_GROUP)).toEqual([]);

    stage.clouds.slb.seedListener({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: 80,
      vServerGroupId: GROUP,
    });
    stage.clouds.ess.attachVServerGroups({
      scalingGroupId: SCALING_GROUP,
      vServerGroups: [{ loadBalancerId: LB, vServerGroupId: GROUP, port: 8080, weight: 50 }],
    });

    expect(await scaling.attachments(SCALING_GROUP)).toEqual([
      { loadBalancerId: LB, vServerGroupId: GROUP, port: 8080 },
    ]);
  });

  it('that does not exist is an error, not an empty one', async () => {
    for (const call of [scaling.instances, scaling.activitiesInProgress, scaling.hooks]) {
      expect((await failureOf(call('asg-unknown'))).error).toBeInstanceOf(MissingScalingGroupError);
    }
  });

  it('is an error without permission', async () => {
    const { identities } = stage.clouds.foundation;
    identities.putRole('narrow', []);
    const accessKey = identities.assumeRole('narrow', 'test', 60_000);
    const denied = createWorker({ ...stage.settings, accessKey }).scaling;

    expect((await failureOf(denied.instances(SCALING_GROUP))).error).toMatchObject({
      origin: { code: 'Forbidden.Unauthorized' },
    });
  });
});

describe('a wait', () => {
  it('is found through the activities in progress', async () => {
    const { instanceId, scalingActivityId, token } = await aWait();

    const [activity, ...others] = await scaling.activitiesInProgress(SCALING_GROUP);
    expect(others).toEqual([]);
    expect(activity?.activityId).toBe(scalingActivityId);
    expect(Math.abs((activity?.startedAtMs ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(await scaling.actions(scalingActivityId)).toEqual([
      {
        activityId: scalingActivityId,
        lifecycleHookId: HOOK,
        token,
        status: 'Pending',
        result: null,
        instanceIds: [instanceId],
      },
    ]);
  });

  it('of an activity that is over is still told of, and unknown activities are left out', async () => {
    const { scalingActivityId, identity } = await aWait();
    await scaling.complete(identity, answer('CONTINUE'));
    await until(() => stage.clouds.ess.activity(scalingActivityId)?.endedAtMs !== null);

    expect(await scaling.activitiesInProgress(SCALING_GROUP)).toEqual([]);
    expect(await scaling.activities(SCALING_GROUP, [scalingActivityId, 'asa-unknown'])).toMatchObject([
      { activityId: scalingActivityId },
    ]);
    expect(await scaling.actions(scalingActivityId)).toMatchObject([
      { status: 'Completed', result: 'CONTINUE' },
    ]);
  });

  it('is prolonged by a heartbeat, under the names that this version has for it', async () => {
    const { identity } = await aWait();

    expect(await scaling.heartbeat(identity, 1_200)).toMatch(/^[0-9A-F-]{36}$/);
    const [beat] = stage.clouds.foundation.timeline.entries.filter(({ kind }) => kind === 'hook-heartbeat');
    expect(beat).toBeDefined();
  });

  it('ends with an answer; the same once more changes nothing, another one is told that it is over', async () => {
    const { identity } = await aWait();

    await scaling.complete(identity, answer('ROLLBACK'));
    await scaling.complete(identity, answer('ROLLBACK'));
    const other = await failureOf(scaling.complete(identity, answer('CONTINUE', 'token-2')));
    const beat = await failureOf(scaling.heartbeat(identity, 600));

    expect(stage.clouds.ess.lifecycleActions()).toMatchObject([{ result: 'ROLLBACK' }]);
    expect([other.error, beat.error].every((error) => error instanceof HookEndedError)).toBe(true);
    expect(other.error).toMatchObject({ origin: { code: 'LifecycleHookIdAndLifecycleActionToken.Invalid' } });
  });

  it('takes twenty heartbeats, and says that the limit is their number', async () => {
    const { identity } = await aWait();
    for (let n = 1; n <= 20; n++) await scaling.heartbeat(identity, 600);

    const { error } = await failureOf(scaling.heartbeat(identity, 600));

    expect(error).toBeInstanceOf(HeartbeatLimitError);
    expect(error).toMatchObject({ limit: 'times' });
  });

  it('of an unknown hook or a wrong token is told from a bad value', async () => {
    const { identity } = await aWait();

    const wrongToken = await failureOf(
      scaling.complete({ ...identity, token: 'no-token' }, answer('CONTINUE')),
    );
    const unknownHook = await failureOf(
      scaling.complete({ ...identity, lifecycleHookId: 'ash-unknown' }, answer('CONTINUE')),
    );
    const badValue = await failureOf(scaling.heartbeat(identity, 29));

    expect([wrongToken.error, unknownHook.error].map((error) => error instanceof HookEndedError)).toEqual([
      true,
      true,
    ]);
    expect(badValue.error).toBeInstanceOf(RejectedError);
    expect(badValue.error).toMatchObject({ origin: { code: 'InvalidParamter' } });
    expect(badValue.error).not.toBeInstanceOf(HookEndedError);
  });
});

const JSON_BODY = { 'content-type': 'application/json' };

describe('a list that cannot be whole', () => {
  /** The gateway in front of a server that answers with these bodies. */
  const answering = async (body: object) => {
    const server = await startMisbehavingServer();
    server.behave(answers(200, JSON.stringify({ RequestId: 'R', ...body }), JSON_BODY));
    const endpoints = { ...stage.settings.endpoints, ess: server.endpoint };
    onTestFinished(() => server.close());
    return createWorker({ ...stage.settings, endpoints }).scaling;
  };

  it('is an error: fewer instances than it says', async () => {
    const gateway = await answering({
      TotalCount: 2,
      ScalingInstances: [],
    });

    expect((await failureOf(gateway.instances(SCALING_GROUP))).error).toBeInstanceOf(TransientError);
  });

  it('is an error: a state that nobody knows', async () => {
    const gateway = await answering({
      TotalCount: 1,
      ScalingInstances: [{ InstanceId: 'i-1', LifecycleState: 'Dreaming' }],
    });

    expect((await failureOf(gateway.instances(SCALING_GROUP))).error).toBeInstanceOf(RejectedError);
  });
});
