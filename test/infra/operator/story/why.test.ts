import { describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../../../functions/instance-events/handler.ts';
import { hookSubject, instanceSubject } from '../../../../shared/audit/model.ts';
import type { InboundEvent, InstanceState } from '../../../../shared/events/model.ts';
import { GROUP } from '../../../support/builders.ts';
import { until } from '../../../support/stage.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from '../table-stage.ts';

function stateChanged(instanceId: string, state: InstanceState): InboundEvent {
  const key = `event-${instanceId}-${state}`;
  return {
    kind: 'instance-state-changed',
    key,
    instanceId,
    state,
    atMs: Date.now(),
    regionId: null,
    payloadHash: key,
  };
}

/** An instance that has come into service. */
async function anInstanceInService({ stage }: TableStage): Promise<string> {
  const [id = ''] = await stage.running(1);
  const worker = stage.worker();
  await handleInstanceEvents(worker, [stateChanged(id, 'Running')]);
  const groups = stage.bindings.map(({ vServerGroupId }) => vServerGroupId);
  await stage.tickUntil(worker, () =>
    groups.every((group) =>
      stage.rows('backends').some((row) => row.group === group && String(row.row).includes('in-service')),
    ),
  );
  return id;
}

async function stopped({ stage }: TableStage, id: string): Promise<void> {
  stage.clouds.ecs.stopInstance({ instanceId: id });
  await until(() => stage.clouds.ecs.find(id)?.status === 'Stopped');
  await handleInstanceEvents(stage.worker(), [stateChanged(id, 'Stopped')]);
  await stage.tickUntil(stage.worker(), () => stage.group().length === 0);
}

const actionsIn = (out: string) =>
  out.split('\n').flatMap((line) => /^\d\d:\d\d:\d\d +(?:\S+:\d+ +)?([a-z-]+) /.exec(line)?.[1] ?? []);

describe('autopilot why', () => {
  it('ends with 1 when nothing is recorded, and says so', async () => {
    const { run } = await setTableStage();

    const { status, out, err } = await run('why', 'i-unknown');

    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain('Nothing is recorded about i-unknown');
  });

  it('ends with 2 for what is no instance, no port, no count and no binding', async () => {
    const { run } = await setTableStage();

    const wrong = await Promise.all([
      run('why', 'web'),
      run('why', 'i-1', '--port', '0'),
      run('why', 'i-1', '--last', '0'),
      run('why', 'i-1', '--binding', 'db'),
    ]);

    expect(wrong.map(({ status }) => status)).toEqual([2, 2, 2, 2]);
    expect(wrong[3]?.err).toContain('There is no binding "db". There are: web.');
  });

  it('ends with 3 when the caller may not read the audit', async () => {
    const { runAllowed, stage } = await setTableStage();
    stage.clouds.foundation.faults.inject({
      name: 'no audit',
      match: { action: 'GetRange' },
      skip: 1,
      times: null,
      effect: { kind: 'error', status: 403, code: 'OTSNoPermissionAccess', message: 'Not you.' },
    });

    const { status, err } = await runAllowed(['ots:GetRange'], 'why', 'i-1');

    expect(status).toBe(3);
    expect(err).toContain('what is recorded about i-1 cannot be read');
  });

  it('tells how it stands and then everything, the newest last, no wider than the terminal', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);

    const { status, out } = await table.run('why', id);

    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^${id}\n`));
    expect(out).toMatch(/web +rsp-bp1web000001:8080 +in service, weight 100 read back/);
    expect(actionsIn(out)).toEqual(['join-decided', 'added', 'in-service']);
    expect(out).toMatch(/added +weight 100: .*\n? *\(request [0-9A-F-]{36}\)/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('tells it of an instance that is out and has no record any more', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);
    await stopped(table, id);

    const { out } = await table.run('why', id);

    expect(out).toContain('no record: out, or not ours');
    expect(actionsIn(out).slice(3)).toEqual(
      expect.arrayContaining(['drain-decided', 'weight-set', 'removed']),
    );
  });

  it('tells what was answered about a hook of the instance', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);
    const entry = {
      subject: instanceSubject(id),
      atMs: Date.now() + 1_000,
      id: '000000-id',
      action: 'hook-answered',
      reason: 'CONTINUE',
      requestIds: ['R-1'],
      inputs: { notedFor: hookSubject('ash-1/token') },
    } as const;
    await table.stage.worker().hooks.commit({ fence: 1, changes: [], audit: [entry] });

    const { out } = await table.run('why', id);

    expect(out).toMatch(/in-service .*\n.*hook-answered +CONTINUE \(request R-1\)\n$/);
  });

  it('names the backend of each line where there are several, and narrows to a binding or a port', async () => {
    const table = await setTableStage({ bindings: 2 });
    const id = await anInstanceInService(table);

    const both = await table.run('why', id);
    const metrics = await table.run('why', id, '--binding', 'metrics');
    const web = await table.run('why', id, '--port', '8080');

    expect(both.out).toMatch(/web:8080 +added/);
    expect(both.out).toMatch(/metrics:9100 +added/);
    expect(metrics.out).toMatch(/\d +added +weight 50: /);
    expect(metrics.out).not.toContain('8080');
    expect(web.out).not.toContain('9100');
  });

  it('shows no more than the last so many entries, and says that there are more', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);

    const { out } = await table.run('why', id, '--last', '1');
    const all = await table.run('why', id, '--last', '3');

    expect(actionsIn(out)).toEqual(['in-service']);
    expect(out).toContain('there are more');
    expect(all.out).not.toContain('there are more');
  });

  it('prints one document with --json, with what each was decided from', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);

    const document = JSON.parse((await table.run('why', id, '--json')).out);

    expect(document).toMatchObject({
      instanceId: id,
      backends: [
        {
          binding: 'web',
          vServerGroupId: GROUP,
          port: 8080,
          row: { phase: 'in-service', confirmedWeight: 100, orders: [], held: null },
        },
      ],
      entries: [
        { action: 'join-decided', inputs: { from: null, to: 'joining' }, requestIds: [] },
        { action: 'added', inputs: { weight: 100 } },
        { action: 'in-service', subject: `backend:${GROUP}/${id}:8080` },
      ],
      isCut: false,
    });
  });

  it('is coloured on a terminal and nowhere else', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);

    expect((await table.runOnTerminal(100, 'why', id)).out).toContain('\u001b[');
    expect((await table.run('why', id)).out).not.toContain('\u001b[');
  });

  it('reads the group’s rows and a range for each subject, and nothing else', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);
    table.calls();

    await table.run('why', id);

    expect(table.calls()).toEqual(['ots GetRange', 'ots GetRange', 'ots GetRange']);
  });

  it('needs no more than the policy of operators', async () => {
    const table = await setTableStage();
    const id = await anInstanceInService(table);

    const { status, out } = await table.runAllowed(OPERATOR_POLICY, 'why', id);

    expect(status).toBe(0);
    expect(actionsIn(out)).toContain('added');
  });
});
