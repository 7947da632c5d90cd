import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../../functions/drift-sweep/handler.ts';
import { handleTick } from '../../../../functions/tick/handler.ts';
import { canonicalHash } from '../../../../shared/events/json.ts';
import { GROUP, LB } from '../../../support/builders.ts';
import { type Ended, temporaryFolder } from '../autopilot.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from '../table-stage.ts';

const WRITES = /^(?:slb (?!Describe)|ots (?!Get|BatchGet)|mns )/;
const compare = async ({ stage }: TableStage, triggeredAtMs = Date.now()) => {
  const worker = { ...stage.worker(), timing: { ...stage.settings.timing, compareMs: 60_000 } };
  await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs }]);
};

/** So many instances in service, of which nothing differs. */
async function inService(table: TableStage, count: number): Promise<ReadonlyArray<string>> {
  const ids = await table.stage.running(count);
  await compare(table);
  const isThere = () =>
    table.stage.rows('backends').filter(({ row }) => String(row).includes('in-service')).length;
  await table.stage.tickUntil(table.stage.worker(), () => isThere() === count);
  return ids;
}

function setWeight({ stage }: TableStage, serverId: string, weight: number): void {
  const backendServers = [{ serverId, port: 8080, weight }];
  stage.clouds.slb.vServerGroups.set({ vServerGroupId: GROUP, backendServers });
}

/** The command with functions that work meanwhile. */
async function withFunctions({ stage }: TableStage, command: Promise<Ended>): Promise<Ended> {
  const state = { isOver: false };
  const ended = command.finally(() => {
    state.isOver = true;
  });
  const worker = stage.worker();
  while (!state.isOver) {
    await handleTick(worker, [{ kind: 'tick' }]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await ended;
}

async function savedPlan(table: TableStage): Promise<string> {
  const file = join(temporaryFolder(), 'plan.json');
  await table.run('plan', '--out', file);
  return file;
}

describe('autopilot plan', () => {
  it('ends with 1, never with 2, for a wrong command or binding', async () => {
    const table = await setTableStage();

    const wrong = await Promise.all([table.run('plan', '--bogus'), table.run('plan', '--binding', 'db')]);

    expect(wrong.map(({ status }) => status)).toEqual([1, 1]);
    expect(wrong[1]?.err).toContain('There is no binding "db". There are: web.');
  });

  it('ends with 3 when something cannot be looked at, says what, and saves nothing', async () => {
    const table = await setTableStage();
    const file = join(temporaryFolder(), 'plan.json');
    table.stage.clouds.foundation.faults.inject({
      name: 'no groups',
      match: { action: 'DescribeVServerGroupAttribute' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 403, code: 'Forbidden.RAM', message: 'Not you.' },
    });

    const { status, out } = await table.run('plan', '--out', file);

    expect(status).toBe(3);
    expect(out).toMatch(/could not be looked at: RAM does not allow[\s\S]*Not\s+you/);
    expect(existsSync(file)).toBe(false);
  });

  it('ends with 0 where nothing is to do', async () => {
    const table = await setTableStage();
    await inService(table, 2);

    const { status, out } = await table.run('plan');

    expect(status).toBe(0);
    expect(out).toContain('2 in service, as they should be');
    expect(out).toContain('Nothing to do.');
  });

  it('ends with 2 and a line for each backend, with its reason, no wider than the terminal, and writes nothing', async () => {
    const table = await setTableStage();
    const [other = '', gone = ''] = await inService(table, 3);
    setWeight(table, other, 7);
    table.stage.clouds.ecs.untagResources({ resourceIds: [gone], tagKeys: ['role'] });
    const [fresh] = await table.stage.running(1);
    const stranger = { serverId: gone, port: 99, weight: 1 };
    table.stage.clouds.slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers: [stranger] });
    table.calls();

    const { status, out } = await table.run('plan');

    expect(table.calls().filter((call) => WRITES.test(call))).toEqual([]);
    expect(status).toBe(2);
    expect(out).toMatch(new RegExp(`\\+ ${fresh}:8080 +join at weight 100\\n`));
    expect(out).toMatch(new RegExp(`~ ${other}:8080 +weight 7 → 100\\n`));
    expect(out).toMatch(new RegExp(`- ${gone}:8080 +drain, weight 100 → 0\\n`));
    expect(out).toContain('1 of others, left alone');
    expect(out).toContain('Plan: 1 to join, 1 to change, 1 to leave.');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('tells what a guard holds', async () => {
    const table = await setTableStage();
    const [only = ''] = await inService(table, 1);
    table.stage.clouds.ecs.tagResources({ resourceIds: [only], tags: [{ key: 'role', value: 'db' }] });

    const { status, out } = await table.run('plan');

    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`! ${only}:8080 +held \\((?:min-in-service|unsure)\\)`));
    expect(out).toContain('Nothing to do; 1 held.');
  });

  it('has a hash over steps and holds, the same whenever it is made', async () => {
    const table = await setTableStage();
    await table.stage.running(2);

    const [first, again] = [await table.run('plan', '--json'), await table.run('plan', '--json')];

    const document = JSON.parse(first.out);
    expect(document).toMatchObject({
      kind: 'slb-autopilot/plan',
      bindings: ['web'],
      plan: { steps: [{ action: 'add', to: 'weight 100' }, { action: 'add' }], held: [] },
      counts: { add: 2, change: 0, remove: 0, held: 0, underWay: 0 },
    });
    expect(document.hash).toBe(canonicalHash(document.plan));
    expect(JSON.parse(again.out).hash).toBe(document.hash);
  });

  it('needs no more than the policy of operators', async () => {
    const table = await setTableStage();
    await table.stage.running(1);

    const { status, out } = await table.runAllowed(OPERATOR_POLICY, 'plan');

    expect({ status, out }).toEqual({ status: 2, out: expect.stringContaining('1 to join') });
  });
});

describe('autopilot apply', () => {
  it('ends with 2 for what is no plan, and for one that was changed by hand', async () => {
    const table = await setTableStage();
    await table.stage.running(1);
    const file = await savedPlan(table);
    const document = JSON.parse(readFileSync(file, 'utf8'));
    const forged = join(temporaryFolder(), 'forged.json');
    writeFileSync(forged, JSON.stringify({ ...document, plan: { steps: [], held: [] } }));

    const wrong = await Promise.all([
      table.run('apply', '/nowhere/plan.json', '--yes'),
      table.run('apply', forged, '--yes'),
    ]);

    expect(wrong.map(({ status }) => status)).toEqual([2, 2]);
    expect(wrong[1]?.err).toContain('was changed by hand');
  });

  it('refuses when the world has moved, shows both, and tells nobody', async () => {
    const table = await setTableStage();
    const [first = ''] = await table.stage.running(1);
    const file = await savedPlan(table);
    table.stage.clouds.ecs.tagResources({ resourceIds: [first], tags: [{ key: 'role', value: 'db' }] });
    const [second] = await table.stage.running(1);
    table.calls();

    const { status, out } = await table.run('apply', file, '--yes');

    expect(status).toBe(1);
    expect(out).toContain('The world has moved');
    expect(out).toMatch(new RegExp(`not so any more:\\n +${GROUP}/${first}:8080 add`));
    expect(out).toMatch(new RegExp(`not planned:\\n +${GROUP}/${second}:8080 add`));
    expect(table.calls().filter((call) => WRITES.test(call))).toEqual([]);
  });

  it('asks before, and where nobody can be asked it does nothing', async () => {
    const table = await setTableStage();
    await table.stage.running(1);
    const file = await savedPlan(table);

    const { status, err } = await table.run('apply', file);

    expect(status).toBe(2);
    expect(err).toContain('--yes');
    expect(table.stage.rows('inbox')).toEqual([]);
  });

  it('ends with 1 where the same load balancer has changes that the plan does not show', async () => {
    const table = await setTableStage({ bindings: 2 });
    await table.stage.running(1);
    const file = join(temporaryFolder(), 'plan.json');
    await table.run('plan', '--binding', 'web', '--out', file);

    const { status, err } = await table.run('apply', file, '--yes');

    expect(status).toBe(1);
    expect(err).toContain('has changes of metrics');
    expect(table.stage.rows('inbox')).toEqual([]);
  });

  it('has the functions carry it out, follows them to the end, and sends nothing to SLB itself', async () => {
    const table = await setTableStage();
    const [other = '', gone = ''] = await inService(table, 3);
    setWeight(table, other, 7);
    table.stage.clouds.ecs.untagResources({ resourceIds: [gone], tagKeys: ['role'] });
    const [fresh] = await table.stage.running(1);
    const file = await savedPlan(table);

    const { status, out } = await withFunctions(table, table.run('apply', file, '--yes'));

    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`${fresh}:8080 +in service, weight 100`));
    expect(out).toMatch(new RegExp(`${gone}:8080 +out of the group`));
    expect(out).toContain('done: 3 of 3.');
    expect(table.stage.group()).toHaveLength(3);
    expect(table.stage.group().every((backend) => backend.endsWith('=100'))).toBe(true);
  });

  it('tells the lane just what a comparison tells it, and wakes a function', async () => {
    const table = await setTableStage();
    const [id] = await table.stage.running(1);
    const file = await savedPlan(table);
    table.calls();

    const { status, out } = await table.run('apply', file, '--yes', '--no-wait', '--json');

    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'told' });
    expect(table.calls().filter((call) => WRITES.test(call))).toEqual([
      'ots BatchWriteRow',
      'ots BatchWriteRow',
      'mns SendMessage',
    ]);
    expect(table.stage.rows('inbox')).toMatchObject([{ lane: LB, key: `comparison/${id}` }]);
  });

  it('ends with 3 when the time is up, and what it has told goes on', async () => {
    const table = await setTableStage();
    await table.stage.running(1);
    const file = await savedPlan(table);

    const { status, out } = await table.run('apply', file, '--yes', '--timeout', '1s');

    expect(status).toBe(3);
    expect(out).toContain('0 of 1 done so far');
    expect(table.stage.rows('inbox')).toHaveLength(1);
  });

  it('needs no more than the policy of operators', async () => {
    const table = await setTableStage();
    await table.stage.running(1);
    const file = await savedPlan(table);

    const ended = await withFunctions(table, table.runAllowed(OPERATOR_POLICY, 'apply', file, '--yes'));

    expect(ended).toMatchObject({ status: 0, out: expect.stringContaining('done: 1 of 1.') });
  });
});
