import * as z from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration such as `500ms`, `30s`, `5m`, `2h`; `null` for any other text. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  if (match === null) return null;
  const [, count, unit] = match;
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** The shortest way to write a whole number of milliseconds as a duration. */
export function formatDuration(ms: number): string {
  const unit = (['h', 'm', 's'] as const).find((candidate) => ms !== 0 && ms % UNIT_MS[candidate] === 0);
  if (unit === undefined) return ms === 0 ? '0s' : `${ms}ms`;
  return `${ms / UNIT_MS[unit]}${unit}`;
}

/** A duration as text within the bounds; the parsed value is milliseconds. */
export function durationSchema(minMs: number, maxMs: number) {
  const allowed = `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}, such as 500ms, 30s, 5m, 2h`;
  return z.string({ error: allowed }).transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= minMs && ms <= maxMs) return ms;
    context.addIssue({ code: 'custom', message: allowed });
    return z.NEVER;
  });
}
