import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import type { Day } from '../../../../infra/local/simulator/day.ts';
import { playDay } from '../../../../infra/local/simulator/play/play-day.ts';

it('on a day on which every message of a hook is lost, every hook is answered before its timeout', async () => {
  const text = readFileSync(new URL('kept-days/every-hook-message-lost.json', import.meta.url), 'utf8');
  const day = JSON.parse(text) as Day;
  const { violations, trace } = await playDay(day, await readMemoryDeployment(), { isTraced: true });
  const count = (pattern: RegExp) => trace.filter((line) => pattern.test(line)).length;

  expect(violations).toEqual([]);
  expect(count(/ess +hook-waiting/)).toBe(7);
  expect(count(/ess +hook-notification-lost/)).toBe(7);
  expect(count(/ess +hook-notified/)).toBe(0);
  expect(count(/ess +hook-completed.* by caller/)).toBe(7);
});
