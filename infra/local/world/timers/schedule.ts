import { Cron } from 'croner';
import { CloudError } from '../errors.ts';

/** When a timer fires. */
export interface Schedule {
  /** The first firing after `afterMs`; `null` = never again. `startedAtMs` is when the timer was switched on. */
  nextAtMs(afterMs: number, startedAtMs: number): number | null;
}

const SHORTEST_MS = 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The schedule of a `cronExpression`: six fields (second first) in UTC, or in the zone of a `CRON_TZ=Asia/Shanghai `
 * prefix, or `@every 4m`. Throws `InvalidArgument` (400) for what is neither, and for less than a minute between firings.
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/time-triggers
 */
export function parseSchedule(cronExpression: string): Schedule {
  const expression = cronExpression.trim();
  return expression.startsWith('@every') ? parseInterval(expression) : parseCron(expression);
}

/** A schedule that fires every `everyMs`, whatever the expression said. */
export function fixedSchedule(everyMs: number): Schedule {
  return {
    nextAtMs(afterMs, startedAtMs) {
      const elapsed = Math.max(0, Math.floor((afterMs - startedAtMs) / everyMs));
      return startedAtMs + (elapsed + 1) * everyMs;
    },
  };
}

function parseInterval(expression: string): Schedule {
  const duration = /^@every\s+((?:\d+(?:\.\d+)?[hms])+)$/.exec(expression)?.[1];
  if (duration === undefined) throw invalid(`${expression} is no interval like @every 4m`);
  let everyMs = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)([hms])/g)) {
    everyMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  if (everyMs < SHORTEST_MS) throw invalid('the shortest interval is a minute');
  return fixedSchedule(everyMs);
}

function parseCron(expression: string): Schedule {
  const [, zone = 'UTC', fields = ''] = /^(?:CRON_TZ=(\S+)\s+)?(.*)$/s.exec(expression) ?? [];
  if (fields.split(/\s+/).length !== 6) throw invalid('a cron expression has six fields, seconds first');
  // Elsewhere `?` is the moment of parsing; here it leaves a day field open.
  const pattern = fields.replaceAll('?', '*');
  let cron: Cron;
  try {
    cron = new Cron(pattern, { timezone: zone, mode: '6-part', paused: true });
    // A zone that does not exist shows only here.
    cron.nextRun(new Date(0));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const next = (after: Date) => cron.nextRun(after);
  requireMinuteApart(next);
  return { nextAtMs: (afterMs) => next(new Date(afterMs))?.getTime() ?? null };
}

/** Looks at two hours of firings, in which every pattern of seconds and minutes shows itself. */
function requireMinuteApart(next: (after: Date) => Date | null): void {
  let last = next(new Date(0));
  for (let looks = 0; last !== null && looks < 120; looks++) {
    const following = next(last);
    if (following === null) return;
    if (following.getTime() - last.getTime() < SHORTEST_MS)
      throw invalid('the shortest interval is a minute');
    last = following;
  }
}

function invalid(reason: string): CloudError {
  return new CloudError(400, 'InvalidArgument', `The cron expression is invalid: ${reason}.`);
}
