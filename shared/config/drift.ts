import * as z from 'zod';
import { isRealInstant } from './instant.ts';
import { integer, list, oneOf, SERVER_ID, section, text } from './schema-parts.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** A day of the week, as the file writes it. */
export type Day = (typeof DAYS)[number];

const TIME_OF_DAY = text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 02:00');
const TIME_ZONE = 'the name of a time zone, such as Asia/Shanghai';

const WindowSchema = section({
  days: list(oneOf(DAYS), 7, 'days').optional(),
  from: TIME_OF_DAY,
  to: TIME_OF_DAY,
  timeZone: z.string({ error: TIME_ZONE }).refine(isTimeZone, { error: TIME_ZONE }).optional(),
});

/** What is done about differences that nobody has ordered. */
export const DriftSchema = section({
  policy: oneOf(['correct', 'report']).optional(),
  weight: oneOf(['restore', 'keep', 'adopt']).optional(),
  windows: list(WindowSchema, 20, 'windows').optional(),
  ignore: list(text(SERVER_ID, 'the id of an instance, i-…, eni-… or eci-…'), 100, 'instances').optional(),
  maxChanges: integer(1, 10_000).optional(),
  pause: section({
    until: text(
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/,
      'an instant such as 2026-04-09T04:18:26Z',
    ).refine(isRealInstant, { error: 'an instant that there is' }),
    reason: text(/^\P{Cc}{1,300}$/u, 'one line of 1 to 300 characters'),
  }).optional(),
});

/** When differences may be corrected: on these days, from one time of day to another, which may be past midnight. */
export interface DriftWindow {
  /** On which it begins; never empty. */
  readonly days: ReadonlyArray<Day>;
  /** Minutes since midnight. Equal ones = the whole day. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** As IANA names it. */
  readonly timeZone: string;
}

/** What is done about differences between a binding and its group that no event, order or request has brought about. */
export interface DriftPolicy {
  /** `report`: nothing but to say so. */
  readonly policy: 'correct' | 'report';
  /** A weight that somebody else has set: `keep` leaves it, `adopt` makes it ours until it is released. */
  readonly weight: 'restore' | 'keep' | 'adopt';
  /** Empty = at any time. */
  readonly windows: ReadonlyArray<DriftWindow>;
  /** Instances whose differences are left alone. */
  readonly ignore: ReadonlyArray<string>;
  /** Differences that one look corrects; the others wait for the next. */
  readonly maxChanges: number;
  /** Nothing is corrected before that instant; `null` = there is none. */
  readonly pause: { readonly untilMs: number; readonly reason: string } | null;
}

/** The entry, with our defaults where it is silent. */
export function resolveDrift(entry: z.infer<typeof DriftSchema> = {}): DriftPolicy {
  return {
    policy: entry.policy ?? 'correct',
    weight: entry.weight ?? 'restore',
    windows: (entry.windows ?? []).map(({ days, from, to, timeZone }) => ({
      days: days ?? DAYS,
      fromMinute: minuteOf(from),
      toMinute: minuteOf(to),
      timeZone: timeZone ?? 'UTC',
    })),
    ignore: entry.ignore ?? [],
    maxChanges: entry.maxChanges ?? 100,
    pause:
      entry.pause === undefined
        ? null
        : { untilMs: Date.parse(entry.pause.until), reason: entry.pause.reason },
  };
}

/** Whether one of the windows is open; none at all = always. */
export function isWithinWindows(windows: ReadonlyArray<DriftWindow>, nowMs: number): boolean {
  return windows.length === 0 || windows.some((window) => isOpen(window, nowMs));
}

function isOpen({ days, fromMinute, toMinute, timeZone }: DriftWindow, nowMs: number): boolean {
  const { day, minute } = localTime(nowMs, timeZone);
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
  // Past midnight it belongs to the day on which it began.
  if (minute >= fromMinute) return days.includes(day);
  return minute < toMinute && days.includes(before(day));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(atMs: number, timeZone: string): { readonly day: Day; readonly minute: number } {
  const known = formats.get(timeZone);
  const options = {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  const format = known ?? new Intl.DateTimeFormat('en-GB', options);
  if (known === undefined) formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const day = (parts.get('weekday') ?? '').toLowerCase() as Day;
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

function before(day: Day): Day {
  return DAYS[(DAYS.indexOf(day) + 6) % 7] as Day;
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
