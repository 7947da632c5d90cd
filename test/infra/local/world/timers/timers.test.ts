import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import { fileStore } from '../../../../../infra/local/world/store.ts';
import { parseSchedule } from '../../../../../infra/local/world/timers/schedule.ts';
import {
  createTimers,
  type TimersOptions,
  type TimerTrigger,
} from '../../../../../infra/local/world/timers/timers.ts';

const START_MS = Date.parse('2026-04-09T05:03:20.500Z');

function aWorld(
  options: FoundationOptions & { startMs?: number } = {},
  timersOptions: Partial<TimersOptions> = {},
) {
  const clock = new VirtualClock(options.startMs ?? START_MS);
  const foundation = createFoundation({ clock, ...options });
  const fired: Array<{ functionName: string; event: unknown; atMs: number }> = [];
  const timers = createTimers(foundation, {
    invokeAsync: (functionName, payload) => {
      fired.push({ functionName, event: JSON.parse(payload.toString('utf8')), atMs: clock.nowMs() });
    },
    ...timersOptions,
  });
  return { clock, foundation, timers, fired };
}

const aTimer = (changes: Partial<TimerTrigger> = {}): TimerTrigger => ({
  name: 'every-minute',
  functionName: 'tick',
  cronExpression: '0 * * * * *',
  payload: '{"job":"tick"}',
  enable: true,
  ...changes,
});

describe('a schedule', () => {
  const nextOf = (expression: string, after: string) => {
    const atMs = parseSchedule(expression).nextAtMs(Date.parse(after), Date.parse('2026-04-09T00:00:30Z'));
    return atMs === null ? null : new Date(atMs).toISOString();
  };

  it.each([
    ['0 */5 * * * *', '2026-04-09T05:03:20Z', '2026-04-09T05:05:00.000Z'],
    ['0 */5 * * * *', '2026-04-09T05:05:00Z', '2026-04-09T05:10:00.000Z'],
    ['0 0 4 * * *', '2026-04-09T05:00:00Z', '2026-04-10T04:00:00.000Z'],
    ['CRON_TZ=Asia/Shanghai 0 0 4 * * *', '2026-04-09T05:00:00Z', '2026-04-09T20:00:00.000Z'],
    ['0 30 9 ? * MON-FRI', '2026-04-10T10:00:00Z', '2026-04-13T09:30:00.000Z'],
    ['@every 4m', '2026-04-09T00:05:00Z', '2026-04-09T00:08:30.000Z'],
    ['@every 4m', '2026-04-09T00:04:30Z', '2026-04-09T00:08:30.000Z'],
    ['@every 1h30m', '2026-04-09T01:00:00Z', '2026-04-09T01:30:30.000Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(nextOf(expression, after)).toBe(expected);
  });

  it.each([
    '',
    '* * * * *',
    '* * * * * *',
    '*/30 * * * * *',
    '0,30 0 * * * *',
    '0 61 * * * *',
    '@every 30s',
    '@every',
    '@every soon',
    'CRON_TZ=Nowhere/City 0 0 4 * * *',
  ])('refuses %j', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(/cron expression is invalid/);
  });
});

describe('a timer', () => {
  it('hands over the time it was due, its name and its payload as text', () => {
    const { clock, timers, fired } = aWorld();
    timers.putTimer(aTimer());
    expect(timers.listTimers()).toEqual([{ ...aTimer(), nextAtMs: Date.parse('2026-04-09T05:04:00Z') }]);
    clock.advanceBy(120_000);

    expect(fired).toEqual([
      {
        functionName: 'tick',
        atMs: Date.parse('2026-04-09T05:04:00Z'),
        event: {
          triggerTime: '2026-04-09T05:04:00Z',
          triggerName: 'every-minute',
          payload: '{"job":"tick"}',
        },
      },
      expect.objectContaining({ atMs: Date.parse('2026-04-09T05:05:00Z') }),
    ]);
  });

  it('fires as often as the local clouds are told, whatever its expression says', () => {
    const { clock, timers, fired } = aWorld({}, { everyMs: 250 });
    timers.putTimer(aTimer());
    clock.advanceBy(1_000);

    expect(fired.map(({ atMs }) => atMs - START_MS)).toEqual([250, 500, 750, 1_000]);
  });

  it('stays silent when disabled, deleted or closed', () => {
    const { clock, timers, fired } = aWorld();
    timers.putTimer(aTimer({ enable: false }));
    clock.advanceBy(120_000);
    timers.putTimer(aTimer());
    timers.deleteTimer('tick', 'every-minute');
    clock.advanceBy(120_000);
    timers.putTimer(aTimer());
    timers.close();
    clock.advanceBy(120_000);

    expect(fired).toEqual([]);
  });

  it('goes on after a call that was refused, and tells', async () => {
    let calls = 0;
    const { clock, foundation, timers } = aWorld(
      {},
      {
        invokeAsync: async () => {
          calls += 1;
          throw new Error('no such function');
        },
      },
    );
    timers.putTimer(aTimer());
    clock.advanceBy(120_000);
    await Promise.resolve();

    expect(calls).toBe(2);
    expect(foundation.timeline.entries.map(({ kind }) => kind)).toContain('timer-refused');
  });

  it('goes on in a world that is opened again, without the firings missed meanwhile', () => {
    const folder = mkdtempSync(join(tmpdir(), 'timers-'));
    const firstStore = fileStore(folder);
    aWorld({ store: firstStore }).timers.putTimer(aTimer());
    firstStore.close();

    const secondStore = fileStore(folder);
    const { clock, fired } = aWorld({ store: secondStore, startMs: START_MS + 600_000 });
    clock.advanceBy(60_000);

    expect(fired.map(({ atMs }) => atMs)).toEqual([Date.parse('2026-04-09T05:14:00Z')]);
    secondStore.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses an expression that is none', () => {
    const { timers } = aWorld();

    expect(() => timers.putTimer(aTimer({ cronExpression: '0 * * * *' }))).toThrow(/six fields/);
  });
});
