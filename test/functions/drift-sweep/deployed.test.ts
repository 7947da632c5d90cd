import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_FOLDER } from '../../../infra/deploy/build.ts';
import { openStage, type Stage } from '../../../infra/local/scenes/stage.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { writeReconcile } from '../../../shared/events/reconcile.ts';
import type { SweepOutcome } from '../../../shared/sweep/model.ts';
import { RECONCILE_FUNCTION } from '../../../shared/sweep/model.ts';
import { taskIdOf } from '../../../shared/sweep/plan.ts';
import { readTable, until } from '../../support/stage.ts';

const SWEEP_FUNCTION = 'slb-autopilot-drift-sweep';
const ROLE = 'slb-autopilot-functions';
const SERVICE_FUNCTION = 'autopilot$reconcile';
/** As many as a computer with two cores starts quickly. */
const INSTANCES = 4;
const NUMBERS = Array.from({ length: 50 }, (_, index) => String(index + 1).padStart(2, '0'));
const IDS = NUMBERS.map((number) => `lb-bp1fictional${number}`);
const CONFIGURATION = {
  version: 1,
  region: 'cn-hangzhou',
  bindings: NUMBERS.map((number) => ({
    name: `web-${number}`,
    loadBalancer: `lb-bp1fictional${number}`,
    vServerGroup: `rsp-bp1fictional${number}`,
    selector: { tags: { role: number } },
    ports: [{ port: 8_080 }],
    readiness: 'running',
  })),
  timing: { gather: '0s' },
};

let stage: Stage;
const folder = mkdtempSync(join(tmpdir(), 'slb-autopilot-sweep-'));
beforeAll(async () => {
  const configFile = join(folder, 'autopilot.yaml');
  writeFileSync(configFile, JSON.stringify(CONFIGURATION));
  stage = await openStage({
    config: loadConfig(configFile),
    configFile,
    clouds: {
      ecsTimings: { pendingMs: 1, startingMs: 1 },
      // As patient as the platform's queue is, two cores would wait longer than they work.
      host: { asyncBackoffScale: 0.01, asyncBackoffJitter: 1 },
    },
    onProgress: () => {},
  });
  const { timers } = stage.clouds;
  // Sweeps and ticks of the wall's clock must not come in between.
  for (const { functionName, name } of timers.listTimers()) timers.deleteTimer(functionName, name);
  deployReconcile();
}, 60_000);
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => stage.clouds.foundation.faults.clear());

/**
 * Deploys the function that the tasks run, with fewer instances than in the cloud, and once more as one of a service, with
 * the permission that infra/deploy asks for then.
 */
function deployReconcile(): void {
  const { host, foundation } = stage.clouds;
  const native = host.find(RECONCILE_FUNCTION);
  if (native === null) throw new Error('the function is not deployed');
  for (const functionName of [RECONCILE_FUNCTION, SERVICE_FUNCTION]) {
    host.deploy({ ...native.settings, functionName, reservedConcurrency: INSTANCES });
  }
  const shipped = JSON.parse(
    readFileSync(join(PROJECT_FOLDER, 'infra/deploy/ram/function-policy.json'), 'utf8'),
  );
  const Resource = ['acs:fc:*:*:services/autopilot/functions/reconcile'];
  const Statement = [{ Effect: 'Allow' as const, Action: ['fc:InvokeFunction'], Resource }];
  foundation.identities.putRole(ROLE, [shipped, { Version: '1', Statement }]);
}

/** Has the sweep start its tasks by this name from now on. */
function startBy(functionName: string): void {
  const { host } = stage.clouds;
  const sweep = host.find(SWEEP_FUNCTION);
  if (sweep === null) throw new Error('the sweep is not deployed');
  const environment = { ...sweep.settings.environment, RECONCILE_FUNCTION: functionName };
  host.deploy({ ...sweep.settings, environment });
}

const fire = async (triggerTime: string): Promise<Extract<SweepOutcome, { kind: 'fanned-out' }>> => {
  const event = Buffer.from(JSON.stringify({ triggerTime, triggerName: 'sweep', payload: '' }));
  const { headers, body } = await stage.clouds.host.invoke(SWEEP_FUNCTION, event);
  expect(headers['x-fc-error-type'], body.toString()).toBeUndefined();
  return JSON.parse(body.toString()).sweep;
};
const instantOf = (due: string) => due.replace(/[-:]/g, '');
/** The tasks of the sweep. */
const tasks = (functionName: string, due: string) =>
  stage.clouds.host.tasks(functionName).filter(({ taskId }) => taskId.endsWith(`_${instantOf(due)}`));
const isOver = (functionName: string, due: string) =>
  until(
    () => tasks(functionName, due).every(({ state }) => state === 'Succeeded' || state === 'Failed'),
    40_000,
  );
/** The reports of the sweep. */
const reports = (due: string) =>
  readTable(stage.clouds, 'audit')
    .filter(({ action }) => action === 'sweep-reported')
    .map(({ inputs }) => JSON.parse(String(inputs)))
    .filter(({ sweepAtMs }) => sweepAtMs === Date.parse(due));
/** Of each task of the sweep, what it reported on. */
const reportedOn = (due: string): ReadonlyArray<string> =>
  reports(due)
    .filter(({ by }) => by === 'task')
    .flatMap(({ loadBalancerIds }) => loadBalancerIds)
    .sort();

describe('the deployed sweep', () => {
  it.each([
    ['by the API of 2023-03-30', RECONCILE_FUNCTION, '2026-04-09T05:05:30Z'],
    ['by the API of services', SERVICE_FUNCTION, '2026-04-09T05:10:30Z'],
  ])(
    'works each of many load balancers once, started %s by a timer that fires twice',
    async (_how, name, due) => {
      startBy(name);
      const { foundation } = stage.clouds;
      const before = foundation.gate.records.length;

      const fired = await Promise.all([fire(due), fire(due)]);
      await isOver(name, due);

      expect(fired.flatMap(({ started }) => started).sort()).toEqual(IDS);
      expect(fired.flatMap(({ already }) => already).sort()).toEqual(IDS);
      expect(fired.flatMap(({ failed }) => Object.keys(failed))).toEqual([]);
      expect(
        tasks(name, due)
          .map(({ taskId }) => taskId)
          .sort(),
      ).toEqual(IDS.map((id) => `${id}_${instantOf(due)}`));
      expect(reportedOn(due)).toEqual(IDS);
      const records = foundation.gate.records.slice(before);
      expect(records.filter(({ errorCode }) => errorCode === 'AccessDenied')).toEqual([]);
      expect(records.filter(({ action }) => action === 'DescribeVServerGroupAttribute')).toHaveLength(50);
    },
    60_000,
  );

  it('has the platform repeat a task whose worker dies in the middle of it', async () => {
    const [id = ''] = IDS;
    const due = '2026-04-09T05:15:30Z';
    const { ecs, foundation, host, slb } = stage.clouds;
    const [serverId = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: NUMBERS[0] ?? '' }] });
    await until(() => ecs.find(serverId)?.status === 'Running');
    const match = { action: 'DescribeVServerGroupAttribute' };
    const effect = { kind: 'kill-caller', when: 'after' } as const;
    foundation.faults.inject({ name: 'death', match, skip: 0, times: 1, effect });

    const payload = Buffer.from(writeReconcile(id, Date.parse(due)));
    const asyncTaskId = taskIdOf(id, Date.parse(due));
    await host.invoke(RECONCILE_FUNCTION, payload, { invocationType: 'Async', asyncTaskId });
    await isOver(RECONCILE_FUNCTION, due);

    expect(foundation.faults.struck('death')).toBe(1);
    expect(tasks(RECONCILE_FUNCTION, due)).toMatchObject([{ state: 'Succeeded', retries: 1 }]);
    expect(reportedOn(due)).toEqual([id]);
    // What the task has found the lane brings in, whoever works it.
    const members = () => (slb.group('rsp-bp1fictional01')?.backends ?? []).map((each) => each.serverId);
    await until(() => members().length > 0);
    expect(members()).toEqual([serverId]);
  }, 60_000);

  it('tells which starts the platform has throttled, and the next sweep does what they would have done', async () => {
    const [due, next] = ['2026-04-09T05:20:30Z', '2026-04-09T05:25:30Z'] as const;
    startBy(RECONCILE_FUNCTION);
    const effect = { kind: 'error', status: 429, code: 'ResourceThrottled', message: 'slow down' } as const;
    const match = { action: 'InvokeFunction' };
    stage.clouds.foundation.faults.inject({ name: 'throttled', match, skip: 5, times: 45, effect });

    const { started, failed } = await fire(due);
    await isOver(RECONCILE_FUNCTION, due);
    const throttled = Object.keys(failed);

    expect(throttled).toHaveLength(45);
    expect([...started, ...throttled].sort()).toEqual(IDS);
    expect(reportedOn(due)).toEqual(started);
    expect(reports(due).find(({ by }) => by === 'fanned-out')).toMatchObject({ failed });

    expect((await fire(next)).started).toEqual(IDS);
    await isOver(RECONCILE_FUNCTION, next);
    expect(reportedOn(next)).toEqual(IDS);
  }, 60_000);
});
