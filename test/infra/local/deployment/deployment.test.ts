// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are expressions of the files under test, not of JavaScript.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions, DEFAULT_TARGET } from '../../../../infra/deploy/build.ts';
import {
  type DeploymentTexts,
  deployLocally,
  readDeploymentTexts,
} from '../../../../infra/local/deployment/deployment.ts';
import { DeploymentError } from '../../../../infra/local/deployment/refusal.ts';
import { createFunctionHost } from '../../../../infra/local/host/function-host.ts';
import { listen } from '../../../../infra/local/http/listen.ts';
import { createTablestoreApp } from '../../../../infra/local/http/tablestore/app.ts';
import { createEventBridge } from '../../../../infra/local/world/eventbridge/event-bridge.ts';
import { createEventStreams } from '../../../../infra/local/world/eventbridge/event-streams.ts';
import { createFoundation } from '../../../../infra/local/world/foundation.ts';
import { createMns } from '../../../../infra/local/world/mns/mns.ts';
import { fileStore, memoryStore, type WorldStore } from '../../../../infra/local/world/store.ts';
import { createTablestore } from '../../../../infra/local/world/tablestore/tablestore.ts';
import { createTimers } from '../../../../infra/local/world/timers/timers.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { TABLES } from '../../../../shared/adapters/tablestore/tables.ts';
import { RECONCILE_FUNCTION } from '../../../../shared/sweep/model.ts';

const cleanUps: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function aFolder(): string {
  return mkdtempSync(join(tmpdir(), 'slb-autopilot-deployment-'));
}

/** The clouds, in which functions are deployed but called by the test alone. */
function someClouds(store: WorldStore = memoryStore()) {
  const foundation = createFoundation({ store });
  const mns = createMns(foundation);
  const tablestore = createTablestore(foundation);
  const eventBridge = createEventBridge(foundation, { mns });
  const host = createFunctionHost(foundation);
  const eventStreams = createEventStreams(foundation, { mns, invoke: async () => ({ ok: true }) });
  const timers = createTimers(foundation, { invokeAsync: () => {} });
  const close = async () => {
    timers.close();
    eventBridge.close();
    await host.close();
    await eventStreams.close();
    mns.close();
    store.close();
  };
  cleanUps.push(close);
  return { foundation, mns, tablestore, eventBridge, host, eventStreams, timers, close };
}

describe('a local deployment', () => {
  const builtFolder = aFolder();
  let texts: DeploymentTexts;
  beforeAll(async () => {
    await buildFunctions({ ...DEFAULT_TARGET, outFolder: builtFolder });
    texts = await readDeploymentTexts();
  });
  afterAll(() => rmSync(builtFolder, { recursive: true }));

  const deploy = (clouds: ReturnType<typeof someClouds>, changes: Partial<DeploymentTexts> = {}) =>
    deployLocally(clouds, { builtFolder, environment: {}, texts: { ...texts, ...changes } });

  it('creates the queues and tables of the code, with what they are like', async () => {
    const clouds = someClouds();

    const deployment = await deploy(clouds);

    const { queues } = clouds.mns.listQueues({ prefix: '', marker: '', limit: 100 });
    expect(queues.map(({ name }) => name).sort()).toEqual(Object.values(QUEUES).sort());
    expect([...deployment.queueNames].sort()).toEqual(Object.values(QUEUES).sort());
    expect(clouds.mns.getQueueAttributes(QUEUES.instanceEvents).attributes).toMatchObject({
      VisibilityTimeout: 180,
      DelaySeconds: 0,
      DlqPolicy: { Enabled: true, DeadLetterTargetQueue: QUEUES.deadLetters },
    });
    for (const { name, key, timeToLiveSeconds } of Object.values(TABLES)) {
      const { primaryKey, options } = clouds.tablestore.describeTable(name);

      expect(primaryKey).toEqual(key.map((column) => ({ ...column, isAutoIncrement: false })));
      expect(options).toMatchObject({ timeToLive: timeToLiveSeconds, maxVersions: 1 });
    }
    expect(clouds.tablestore.listTable()).toHaveLength(Object.keys(TABLES).length);
  });

  it('brings ECS state changes to the queue of events, in Base64', async () => {
    const { eventBridge, eventStreams, mns, ...rest } = someClouds();
    await deploy({ eventBridge, eventStreams, mns, ...rest });
    for (const { stream } of eventStreams.listStreams()) eventStreams.deleteStream(stream.name);

    for (const state of ['Starting', 'Running'] as const) {
      const change = { instanceId: 'i-bp1fictional00000001', state, atMs: Date.now() };
      eventBridge.publish(eventBridge.cloudEventForInstance(change));
    }

    const bodies = mns
      .peekMessages(QUEUES.instanceEvents, 16)
      .map(({ body }) => Buffer.from(body, 'base64').toString());
    expect(bodies.map((body) => JSON.parse(body).data.state)).toEqual(['Running']);
  });

  it('deploys the functions with their role, limits, variables and triggers', async () => {
    const clouds = someClouds();

    await deployLocally(clouds, { builtFolder, environment: { SLB_ENDPOINT: 'http://127.0.0.1:1' }, texts });

    expect(clouds.host.find('slb-autopilot-tick')?.settings).toMatchObject({
      codeFolder: join(builtFolder, 'tick'),
      handler: 'index.handler',
      initializer: { handler: 'index.initialize', timeoutSeconds: 10 },
      timeoutSeconds: 120,
      roleName: 'slb-autopilot-functions',
      environment: { OTS_INSTANCE: 'slb-autopilot', SLB_ENDPOINT: 'http://127.0.0.1:1' },
      asyncConfig: { maxAsyncRetryAttempts: 0, maxAsyncEventAgeSeconds: 50 },
    });
    expect(clouds.host.find('slb-autopilot-instance-events')?.settings.codeFolder).toBe(
      join(builtFolder, 'instance-events'),
    );
    expect(clouds.host.find(RECONCILE_FUNCTION)?.settings).toMatchObject({
      reservedConcurrency: 10,
      asyncConfig: {
        asyncTask: true,
        maxAsyncRetryAttempts: 2,
        maxAsyncEventAgeSeconds: 240,
        onFailureQueue: QUEUES.sweepFailures,
      },
    });
    expect(clouds.timers.listTimers()).toMatchObject([
      { name: 'sweep', functionName: 'slb-autopilot-drift-sweep', cronExpression: '30 * * * * *' },
      { name: 'every-minute', functionName: 'slb-autopilot-tick', cronExpression: '@every 1m', enable: true },
    ]);
    expect(clouds.eventStreams.listStreams().map(({ stream }) => stream)).toMatchObject([
      {
        queueName: QUEUES.changeRequests,
        functionName: 'slb-autopilot-change-requests',
        batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 1 },
        errorsTolerance: 'ALL',
        deadLetterQueueName: QUEUES.deadLetters,
      },
      {
        queueName: QUEUES.instanceEvents,
        functionName: 'slb-autopilot-instance-events',
        batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 1 },
        errorsTolerance: 'ALL',
        deadLetterQueueName: QUEUES.deadLetters,
      },
      {
        queueName: QUEUES.scalingHooks,
        functionName: 'slb-autopilot-scaling-hooks',
        batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 1 },
        errorsTolerance: 'ALL',
        deadLetterQueueName: QUEUES.deadLetters,
      },
      {
        queueName: QUEUES.wakeUps,
        functionName: 'slb-autopilot-tick',
        batchWindow: { timeBasedWindowSeconds: 0 },
        deadLetterQueueName: null,
      },
    ]);
  });

  it('gives the functions what they need to run: a tick reads the table of lanes as the role may', async () => {
    const clouds = someClouds();
    const ots = await listen(createTablestoreApp(clouds.foundation, clouds.tablestore));
    cleanUps.push(() => ots.close());
    await deployLocally(clouds, { builtFolder, environment: { OTS_ENDPOINT: ots.endpoint }, texts });
    const tick = { triggerTime: '2026-04-09T05:05:00Z', triggerName: 'every-minute', payload: '' };

    const { headers, body } = await clouds.host.invoke(
      'slb-autopilot-tick',
      Buffer.from(JSON.stringify(tick)),
    );

    expect(headers['x-fc-error-type'], body.toString()).toBeUndefined();
    expect(clouds.foundation.gate.records).toMatchObject([
      {
        action: 'GetRange',
        subject: 'lanes',
        errorCode: null,
        principal: { roleName: 'slb-autopilot-functions' },
      },
    ]);
  });

  it('lets the role do what the policy says, and nothing more', async () => {
    const clouds = someClouds();
    await deploy(clouds);
    const { identities } = clouds.foundation;

    const { principal } = identities.assumeRole('slb-autopilot-functions', 'test', 60_000);

    const table = (name: string) => clouds.tablestore.resource(name);
    expect(identities.isAllowed(principal, 'ots:BatchWriteRow', table('audit'))).toBe(true);
    expect(identities.isAllowed(principal, 'ots:UpdateRow', table('quarantine'))).toBe(false);
    expect(identities.isAllowed(principal, 'ots:DeleteTable', table('lanes'))).toBe(false);
  });

  it('can be repeated on state that was kept, which becomes what the files say now', async () => {
    const folder = aFolder();
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const before = someClouds(fileStore(folder));
    const older = {
      template: texts.template
        .replace('MessageRetentionPeriod: 345600', 'MessageRetentionPeriod: 86400')
        .replace('TimeToLive: 2592000', 'TimeToLive: 86400'),
      service: texts.service
        .replace('triggerName: wake-ups', 'triggerName: old-wake-ups')
        .replace('triggerName: every-minute', 'triggerName: old-tick'),
    };
    await deploy(before, older);
    before.mns.sendMessage(QUEUES.quarantine, { body: 'bm90ZQ==' });
    await before.close();
    cleanUps.pop();
    const after = someClouds(fileStore(folder));

    await deploy(after);
    await deploy(after);

    expect(after.mns.getQueueAttributes(QUEUES.instanceEvents).attributes.MessageRetentionPeriod).toBe(
      345_600,
    );
    expect(after.mns.getQueueAttributes(QUEUES.quarantine).activeMessages).toBe(1);
    expect(after.tablestore.describeTable('quarantine').options.timeToLive).toBe(2_592_000);
    expect(after.eventStreams.listStreams().map(({ stream }) => stream.name)).toEqual([
      'change-requests',
      'ecs-events',
      'scaling-hooks',
      'wake-ups',
    ]);
    expect(after.timers.listTimers().map(({ name }) => name)).toEqual(['sweep', 'every-minute']);
    expect(after.eventBridge.listRules()).toHaveLength(3);
    expect(after.host.list()).toHaveLength(6);
  });

  it.each([
    [
      'a key of a kept table that changed',
      { template: ['Name: server', 'Name: instance'] },
      /members is kept with another/,
    ],
    [
      'another instance',
      { template: ['Default: slb-autopilot', 'Default: other'] },
      /instance other, the local clouds/,
    ],
    [
      'a queue that no template creates',
      { service: ['QueueName: slb-autopilot-wake-ups', 'QueueName: x'] },
      /queue x/,
    ],
    [
      'a role that no template creates',
      { service: ['role/slb-autopilot-functions', 'role/other'] },
      /role other/,
    ],
    [
      'a role of another account',
      { service: ['ram::${vars.account}:', 'ram::1:'] },
      /none of the local account/,
    ],
    [
      'a destination that no template creates',
      { service: ['slb-autopilot-sweep-failures/messages', 'x/messages'] },
      /queue x, which template\.yaml lacks/,
    ],
    [
      'a destination that is no queue',
      { service: ['slb-autopilot-sweep-failures/messages', 'slb-autopilot-sweep-failures'] },
      /which is no queue/,
    ],
    ['a rule that changes the event', { template: ['Form: ORIGINAL', 'Form: TEMPLATE'] }, /Body/],
    [
      'a pattern of a stream',
      { service: ['eventRuleFilterPattern: "{}"', 'eventRuleFilterPattern: "[]"'] },
      /expected "{}"/,
    ],
    [
      'a key that stands twice',
      { service: ['name: slb-autopilot', 'name: slb-autopilot\nname: other'] },
      /^s\.yaml:\d+:/,
    ],
  ] as const)('refuses %s', async (_what, changes, reason) => {
    const clouds = someClouds();
    await deploy(clouds);
    const changed = Object.fromEntries(
      Object.entries(changes).map(([name, [from, to]]) => {
        const text = texts[name as 'service' | 'template'];
        expect(text).toContain(from);
        return [name, text.replace(from, to)];
      }),
    );

    const refused = deploy(clouds, changed);

    await expect(refused).rejects.toThrow(DeploymentError);
    await expect(refused).rejects.toThrow(reason);
  });
});
