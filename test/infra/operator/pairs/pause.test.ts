import { describe, expect, it } from 'vitest';
import { setCommandStage } from './command-stage.ts';

describe('autopilot pause and resume', () => {
  it('are noted, and a pause refuses orders until it is over', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    const paused = await stage.runWithFunction(
      'pause',
      'orders-db',
      '--for',
      '2h',
      '--reason',
      'drill',
      '--by',
      'mei',
    );
    const untilMs = stage.row()?.pause?.untilMs ?? 0;
    const refused = await stage.runWithFunction('promote', 'orders-db');
    const shown = await stage.run('pairs');
    const resumed = await stage.runWithFunction('resume', 'orders-db', '--reason', 'over', '--json');

    expect(paused).toEqual({ status: 0, out: 'orders-db: paused by mei: drill\n', err: '' });
    expect(Math.abs(untilMs - Date.now() - 2 * 3_600_000)).toBeLessThan(60_000);
    expect(refused.status).toBe(1);
    expect(refused.out).toMatch(/^refused: paused until \S+Z by mei \(drill\): resume the pair first\n$/);
    expect(shown.out).toMatch(/paused until/);
    expect(JSON.parse(resumed.out)).toMatchObject({
      outcome: 'noted',
      reason: expect.stringContaining('resumed by'),
    });
    expect(stage.row()?.pause).toBeNull();
  });

  it('takes an instant', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { status } = await stage.runWithFunction(
      'pause',
      'orders-db',
      '--until',
      until,
      '--reason',
      'drill',
    );

    expect(status).toBe(0);
    expect(stage.row()?.pause?.untilMs).toBe(Date.parse(until));
  });

  it.each([
    [['--reason', 'a'], 'one of --until, --for is needed'],
    [['--for', '2h'], "required option '--reason <text>' not specified"],
    [['--for', '2h', '--until', '2999-01-01T00:00:00Z', '--reason', 'a'], 'cannot be used with'],
    [['--for', 'long', '--reason', 'a'], 'Allowed is a duration such as 30m or 2h.'],
    [['--until', 'tomorrow', '--reason', 'a'], 'Allowed is an instant with its zone'],
    [['--until', '2020-01-01T00:00:00Z', '--reason', 'a'], 'It has passed.'],
  ])('refuses %j with 2', async (args, message) => {
    const stage = await setCommandStage({ standbys: 0 });

    const { status, err } = await stage.run('pause', 'orders-db', ...args);

    expect(status).toBe(2);
    expect(err).toContain(message);
  });
});
