/** `2026-04-09T04:18:26Z` */
export function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const UNITS = [
  ['day', 24 * 3_600_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** About how long, in one unit: `12 s`, `5 min`, `3 h`, `2 days`. */
export function roughly(ms: number): string {
  const unit = UNITS.find(([, unitMs]) => ms >= unitMs);
  if (unit === undefined) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  const count = Math.floor(ms / unit[1]);
  return `${count} ${unit[0]}${unit[0] === 'day' && count !== 1 ? 's' : ''}`;
}

/** The instant of an ISO 8601 text that has a time and a zone, ms; `null` for any other text. */
export function parseInstant(text: string): number | null {
  const atMs = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}
