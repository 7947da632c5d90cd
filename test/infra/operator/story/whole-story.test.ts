import pc from 'picocolors';
import { afterEach, expect, it } from 'vitest';
import { tellStory } from '../../../../infra/operator/story/gather.ts';
import { describeStory } from '../../../../infra/operator/story/report.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { HOOK_OUT, type ScalingStage, setScalingStage } from '../../../bench/virtual/scaling-stage.ts';
import { aRequest } from '../../../support/requests.ts';

const SCREEN = {
  write: () => {},
  isInteractive: false,
  size: () => ({ columns: 100, rows: 24 }),
  colors: pc.createColors(false),
};

let open: ScalingStage | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

it('of an instance that joined, was drained by a hook, spared, ramped up again, overridden and restored is told from the tables alone', async () => {
  const stage = await setScalingStage({
    size: 2,
    drainTime: '5m',
    readiness: { join: { ramp: { steps: [50], every: '20s' } } },
  });
  open = stage;
  stage.scale(1);
  await stage.settle(300_000);
  await stage.pass(120_000);
  stage.scale(-1);
  await stage.pass(30_000);
  const id =
    stage
      .weights()
      .find((each) => each.endsWith('=0'))
      ?.replace('=0', '') ?? '';
  for (const { lifecycleHookId, lifecycleActionToken } of stage.ess.lifecycleActions()) {
    if (lifecycleHookId !== HOOK_OUT) continue;
    stage.ess.completeLifecycleAction({
      lifecycleHookId,
      lifecycleActionToken,
      lifecycleActionResult: 'ROLLBACK',
    });
  }
  await stage.pass(240_000);
  const request = aRequest({
    requestId: 'test-heat',
    change: { kind: 'set-weight', binding: 'web', instances: [id], weight: 20, for: '10m' },
  });
  stage.clouds.mns.sendMessage(QUEUES.changeRequests, {
    body: Buffer.from(JSON.stringify(request)).toString('base64'),
  });
  await stage.pass(15 * 60_000);
  expect(stage.weights()).toContain(`${id}=100`);

  const person = stage.person();
  const desk = { ...person, audit: { ...person.audit, since: async () => [] } };
  const { bindings } = stage.config;
  const story = await tellStory(desk, { instanceId: id, bindings, binding: null, port: null, last: 100 });
  const actions = story.entries.map(({ action }) => action);
  const inOrder = [
    'join-decided',
    'added',
    'in-service',
    'hook-ordered',
    'drain-decided',
    'drain-started',
    'rejoin-decided',
    'ramp-started',
    'ramp-step',
    'in-service',
    'override-begun',
    'weight-set',
    'override-ended',
    'ramp-step',
    'in-service',
  ];
  let from = 0;
  for (const action of inOrder) {
    const at = actions.indexOf(action, from);
    expect(at, `${action} after ${actions.slice(0, from).join(' ')}`).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
  const text = describeStory(story, SCREEN);
  expect(text).toContain('test-heat');
  expect(story.entries.filter(({ requestIds }) => requestIds.length > 0).length).toBeGreaterThan(4);
});
