import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../../support/stage.ts';
import { temporaryFolder } from '../autopilot.ts';
import { setCommandStage } from '../pairs/command-stage.ts';

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
