import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildFunctions, DEFAULT_TARGET, functionNames } from '../../../infra/deploy/build.ts';
import { DEPLOYMENT_FILES } from '../../../infra/deploy/files.ts';
import { type FunctionProps, readFunctions } from '../../../infra/local/deployment/service-file.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { VARIABLES } from '../../../shared/config/environment.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { RECONCILE_FUNCTION } from '../../../shared/sweep/model.ts';

const content = parse(readFileSync(DEPLOYMENT_FILES.service, 'utf8'));
const functions = readFunctions(content, {
  ALIYUN_REGION: 'cn-hangzhou',
  ALIYUN_ACCOUNT_ID: '1234567890123456',
});
const all = [...functions.values()];
const streamsOf = ({ triggers }: FunctionProps) =>
  triggers.flatMap((trigger) => (trigger.triggerType === 'eventbridge' ? [trigger.triggerConfig] : []));
const { timing } = loadConfig(DEFAULT_TARGET.configFile);

describe('s.yaml', () => {
  const built = mkdtempSync(join(tmpdir(), 'slb-autopilot-service-'));
  beforeAll(async () => void (await buildFunctions({ ...DEFAULT_TARGET, outFolder: built })));
  afterAll(() => rmSync(built, { recursive: true }));

  it('deploys each folder of functions/, under its name', async () => {
    const found = [...functions].map(([name, { functionName, code }]) => ({ name, functionName, code }));
    const wanted = (await functionNames()).map((name) => ({
      name,
      functionName: `slb-autopilot-${name}`,
      code: `./dist/${name}`,
    }));

    expect(found).toEqual(wanted);
  });

  it('names handlers that the built functions export', () => {
    for (const [name, { handler, instanceLifecycleConfig }] of functions) {
      const exported = createRequire(import.meta.url)(join(built, name, 'index.js'));
      for (const hook of [handler, instanceLifecycleConfig.initializer?.handler ?? '']) {
        const [file, member] = hook.split('.');

        expect(file).toBe('index');
        expect(exported[member ?? '']).toBeTypeOf('function');
      }
    }
  });

  it('sets variables that the functions read, as texts, and none of the platform', () => {
    for (const { environmentVariables } of all) {
      const names = Object.keys(environmentVariables);

      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !VARIABLES.includes(name))).toEqual([]);
      expect(names.filter((name) => name.startsWith('FC_'))).toEqual([]);
      expect(Object.values(environmentVariables).filter((value) => typeof value !== 'string')).toEqual([]);
    }
  });

  it('gives them a role in lower case, which is how the component writes it', () => {
    for (const { role } of all) {
      expect(role).toBe('acs:ram::1234567890123456:role/slb-autopilot-functions');
      expect(role).toBe(role.toLowerCase());
    }
  });

  it('has at most one EventBridge trigger per function, and last', () => {
    for (const { triggers } of all) {
      const types = triggers.map(({ triggerType }) => triggerType);
      const first = types.indexOf('eventbridge');

      expect(first === -1 || first === types.length - 1).toBe(true);
    }
  });

  it('lets a function run longer than a pass and a lease, and shorter than a stream waits', () => {
    for (const { timeout } of all) {
      expect(timeout * 1_000).toBeGreaterThan(timing.passBudgetMs + timing.leaseMs);
      expect(timeout).toBeLessThan(300);
    }
  });

  it('hides a message on the queues that functions read for longer than they run', () => {
    const template = parse(readFileSync(DEPLOYMENT_FILES.template, 'utf8'));
    const queues = Object.values<{ Properties: Record<string, unknown> }>(template.Resources);
    for (const props of all) {
      for (const { eventSourceConfig } of streamsOf(props)) {
        const { QueueName } = eventSourceConfig.eventSourceParameters.sourceMNSParameters;
        const queue = queues.find(({ Properties }) => Properties.QueueName === QueueName);

        expect(queue?.Properties.VisibilityTimeout).toBeGreaterThan(props.timeout);
      }
    }
  });

  it('reads the requests, the events, the hooks and the wake-ups, each once, decoded, and lets no batch stop a stream', () => {
    const streams = all.flatMap(streamsOf);
    const sources = streams.map(
      ({ eventSourceConfig }) => eventSourceConfig.eventSourceParameters.sourceMNSParameters,
    );

    expect(sources.map(({ QueueName }) => QueueName)).toEqual([
      QUEUES.changeRequests,
      QUEUES.instanceEvents,
      QUEUES.scalingHooks,
      QUEUES.wakeUps,
    ]);
    expect(sources.map(({ IsBase64Decode }) => IsBase64Decode)).toEqual([true, true, true, true]);
    expect(streams.map(({ runOptions }) => runOptions.errorsTolerance)).toEqual(['ALL', 'ALL', 'ALL', 'ALL']);
  });

  it('keeps messages that could not be taken', () => {
    for (const name of ['change-requests', 'instance-events', 'scaling-hooks']) {
      const [events] = all.filter(({ functionName }) => functionName.endsWith(name)).flatMap(streamsOf);

      expect(events?.runOptions).toMatchObject({
        retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
        deadLetterQueue: { Arn: `acs:mns:cn-hangzhou:1234567890123456:/queues/${QUEUES.deadLetters}` },
      });
    }
  });

  it('ticks once a minute, and repeats no tick', () => {
    const tick = functions.get('tick');

    expect(tick?.triggers[0]).toMatchObject({
      triggerType: 'timer',
      triggerConfig: { cronExpression: '@every 1m', enable: true },
    });
    expect(tick?.asyncInvokeConfig.maxAsyncRetryAttempts).toBe(0);
    expect(tick?.asyncInvokeConfig.maxAsyncEventAgeInSeconds).toBeLessThan(60);
  });

  it('sweeps beside the tick, and gives up a task before the next sweep but for a queue that people read', () => {
    const sweep = functions.get('drift-sweep');
    const reconcile = functions.get('reconcile-load-balancer');

    expect(sweep?.triggers).toMatchObject([
      { triggerType: 'timer', triggerConfig: { cronExpression: '30 * * * * *', enable: true } },
    ]);
    expect(reconcile).toMatchObject({ functionName: RECONCILE_FUNCTION, triggers: [] });
    expect(reconcile?.asyncInvokeConfig).toMatchObject({
      asyncTask: true,
      destinationConfig: {
        onFailure: {
          destination: `acs:mns:cn-hangzhou:1234567890123456:/queues/${QUEUES.sweepFailures}/messages`,
        },
      },
    });
    expect((reconcile?.asyncInvokeConfig.maxAsyncEventAgeInSeconds ?? 0) * 1_000).toBeLessThan(
      timing.compareMs,
    );
  });

  it('goes nowhere by default', () => {
    expect(() => readFunctions(content, { ALIYUN_ACCOUNT_ID: '1234567890123456' })).toThrow(/ALIYUN_REGION/);
    expect(() => readFunctions(content, { ALIYUN_REGION: 'cn-hangzhou' })).toThrow(/ALIYUN_ACCOUNT_ID/);
  });

  it('builds before it deploys', () => {
    expect(content.actions['pre-deploy']).toEqual([{ run: 'npm run build', path: './' }]);
  });
});
