/**
 * Date, time and zone in every spelling that ECS, CloudMonitor and EventBridge are known to use: with or without
 * separators, seconds and fraction; the zone as `Z`, an offset, or the names that Java's formatter writes.
 */
const SPELLING =
  /^(\d{4})-?(\d{2})-?(\d{2})[Tt ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|z|UTC|GMT|PRC|Asia\/Shanghai|[+-]\d{2}(?::?\d{2})?)(?:\[[A-Za-z_/+-]{1,40}\])?$/;

const LONGEST_SPELLING = 80;

/** Epoch numbers below this are seconds (it is the year 5138), others milliseconds (1973). */
const FIRST_MILLISECONDS = 100_000_000_000;

const LATEST_MS = Date.UTC(2200, 0, 1);

/**
 * The instant that an event names, in ms since 1970; `null` when it cannot be read. An event is never refused
 * because of its time, so nothing is thrown.
 *
 * Read are `2020-11-19T21:04:41+08:00`, `…16.993Z`, `…42.179PRC`, `…46.149Asia/Shanghai`,
 * `20190409T121826.922+0800`, `2017-12-10T04:04Z`, and epochs in seconds or milliseconds as number or text. A time
 * without any zone is not read: eight hours of doubt are worse than no time.
 *
 * @see https://www.alibabacloud.com/help/en/eventbridge/user-guide/event-overview
 */
export function parseEventTime(value: unknown): number | null {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string' || value.length > LONGEST_SPELLING) return null;
  const text = value.trim();
  if (/^\d{9,14}$/.test(text)) return fromEpoch(Number(text));
  const match = SPELLING.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = ''] = match;
  return fromCalendar(
    [Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second)],
    Number(fraction.padEnd(3, '0').slice(0, 3)),
    zone,
  );
}

function fromEpoch(epoch: number): number | null {
  if (!Number.isFinite(epoch) || epoch <= 0) return null;
  const ms = Math.round(epoch < FIRST_MILLISECONDS ? epoch * 1000 : epoch);
  return ms < LATEST_MS ? ms : null;
}

function fromCalendar(
  [year, month, day, hour, minute, second]: [number, number, number, number, number, number],
  ms: number,
  zone: string,
): number | null {
  const offsetMinutes = zoneOffsetMinutes(zone);
  // Second 60 is a leap second; Date.UTC carries it into the next minute.
  if (offsetMinutes === null || hour > 23 || minute > 59 || second > 60) return null;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  // Date.UTC turns 31 February into 3 March and the year 20 into 1920.
  const isOnCalendar =
    midnight.getUTCFullYear() === year &&
    midnight.getUTCMonth() === month - 1 &&
    midnight.getUTCDate() === day;
  if (!isOnCalendar) return null;
  return midnight.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + ms;
}

function zoneOffsetMinutes(zone: string): number | null {
  if (zone === 'PRC' || zone === 'Asia/Shanghai') return 8 * 60;
  if (!/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
