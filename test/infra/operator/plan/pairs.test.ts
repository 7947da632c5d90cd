import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LB } from '../../../support/builders.ts';
import { until } from '../../../support/stage.ts';
import { temporaryFolder } from '../autopilot.ts';
import { type CommandStage, MEMBER_IDS, setCommandStage } from '../pairs/command-stage.ts';

describe('a plan of a pair', () => {
  it('is nothing while the pair is well', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    const { status, out } = await stage.run('plan');

    expect(status).toBe(0);
    expect(out).toMatch(/^orders-db .* tcp:3306\n/);
    expect(out).toContain('Nothing to do.');
  });

  it('has each call of a change that has been asked for, and is carried out to its end by apply', async () => {
    const stage = await setCommandStage();
    const { primaryId, secondaryId } = stage;
    await stage.tick();
    await stage.run('promote', 'orders-db', '--no-wait');
    const file = join(temporaryFolder(), 'plan.json');

    const planned = await stage.run('plan', '--out', file);
    stage.writes();
    const command = stage.run('apply', file, '--yes');
    // Functions that are there before would take the order up by themselves.
    await until(() => stage.writes().includes('mns SendMessage'));
    const state = { isOver: false };
    const ended = command.finally(() => {
      state.isOver = true;
    });
    while (!state.isOver) await stage.tick();
    const applied = await ended;

    expect(planned.status).toBe(2);
    expect(planned.out).toContain(`new group ${secondaryId} > ${primaryId}`);
    expect(planned.out).toContain('Plan: 0 to join, 3 to change, 0 to leave.');
    expect(applied.status).toBe(0);
    expect(applied.out).toContain('promotion 1 is in force');
    expect(stage.pairs()).toEqual([`tcp:3306 ${secondaryId} > ${primaryId}`]);
  });

  it('says what holds it', async () => {
    const stage = await setCommandStage({ pair: { listeners: ['tcp:3306', 'tcp:3307'] } });
    await stage.tick();

    const { status, out } = await stage.run('plan');

    expect(status).toBe(0);
    expect(out).toMatch(/! orders-db +held \(pair\) +tcp:3307 does not exist/);
  });
});

describe('a plan of a pair that declares its group', () => {
  const group = {
    primary: { server: MEMBER_IDS[0], port: 3306 },
    secondary: { server: MEMBER_IDS[1], port: 3306 },
    tags: { team: 'db' },
  };
  const set = (more: object = {}) => setCommandStage({ hasNoGroup: true, pair: { group, ...more } });
  /** Functions that are there only once the command has told them. */
  const applied = async (stage: CommandStage, file: string) => {
    const state = { isOver: false };
    stage.writes();
    const ended = stage.run('apply', file, '--yes').finally(() => {
      state.isOver = true;
    });
    await until(() => state.isOver || stage.writes().includes('mns SendMessage'));
    while (!state.isOver) await stage.tick();
    return await ended;
  };

  it('says what keeps it from being created', async () => {
    const stage = await set();
    stage.clouds.ecs.stopInstance({ instanceId: MEMBER_IDS[1], forceStop: true });
    await until(() => stage.clouds.ecs.instances().some(({ status }) => status === 'Stopped'));

    const { status, out } = await stage.run('plan');

    expect(status).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `! orders-db held (pair) pairs.orders-db.group.secondary.server: found ${MEMBER_IDS[1]} (Stopped), allowed is an instance`,
    );
  });

  it('has each call of its creation, which only apply has carried out', async () => {
    const stage = await set();
    await stage.tick();
    const file = join(temporaryFolder(), 'plan.json');

    const planned = await stage.run('plan', '--out', file);
    await stage.tick();
    const untouched = stage.pairs();
    const done = await applied(stage, file);
    const after = await stage.run('plan');

    expect(planned.status).toBe(2);
    expect(planned.out).toContain(`new group ${MEMBER_IDS.join(' > ')}`);
    expect(planned.out).toContain('tcp:3306 to it');
    expect(planned.out).toContain('Plan: 0 to join, 2 to change, 0 to leave.');
    expect(untouched).toEqual(['tcp:3306  > ']);
    expect(done.status).toBe(0);
    expect(done.out).toContain('creation 1 is in force');
    expect(stage.pairs()).toEqual([`tcp:3306 ${MEMBER_IDS.join(' > ')}`]);
    expect(after.out).toContain('Nothing to do.');
  });

  it('has the tags that differ, which apply has set as well', async () => {
    const stage = await set();
    await stage.tick();
    const file = join(temporaryFolder(), 'plan.json');
    await stage.run('plan', '--out', file);
    await applied(stage, file);
    const [made] = stage.clouds.slb.masterSlaveGroupsOf(LB);
    stage.clouds.slb.tags.untag({
      resourceType: 'masterslaveservergroup',
      resourceIds: [made?.masterSlaveServerGroupId ?? ''],
      tagKeys: ['team'],
    });

    const planned = await stage.run('plan', '--out', file);
    const done = await applied(stage, file);

    expect(planned.out).toMatch(/~ orders-db +tag team +it is declared/);
    expect(done.status).toBe(0);
    expect(stage.clouds.slb.masterSlaveGroupsOf(LB)[0]?.tags).toEqual(
      expect.arrayContaining([{ key: 'team', value: 'db' }]),
    );
  });

  it('asks nobody where ticks create it by themselves', async () => {
    const stage = await set({ manage: 'group' });
    await until(async () => {
      await stage.tick();
      return stage.row()?.saga?.outcome === 'done';
    });

    expect(stage.pairs()).toEqual([`tcp:3306 ${MEMBER_IDS.join(' > ')}`]);
    expect((await stage.run('plan')).out).toContain('Nothing to do.');
  });
});
