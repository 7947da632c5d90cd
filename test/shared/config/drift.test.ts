import { describe, expect, it } from 'vitest';
import { DriftSchema, isWithinWindows, resolveDrift } from '../../../shared/config/drift.ts';

const at = (text: string) => Date.parse(text);
const windows = (...entries: ReadonlyArray<object>) =>
  resolveDrift(DriftSchema.parse({ windows: entries })).windows;

describe('differences', () => {
  it('are corrected at any time where nothing else is said', () => {
    expect(resolveDrift()).toEqual({
      policy: 'correct',
      weight: 'restore',
      windows: [],
      ignore: [],
      maxChanges: 100,
      pause: null,
    });
    expect(isWithinWindows([], at('2026-04-09T04:18:26Z'))).toBe(true);
  });
});

// 2026-04-09 is a Thursday.
describe('a window', () => {
  it.each([
    ['2026-04-09T02:00:00Z', true],
    ['2026-04-09T03:59:59Z', true],
    ['2026-04-09T01:59:59Z', false],
    ['2026-04-09T04:00:00Z', false],
    ['2026-04-10T03:00:00Z', false],
  ])('from 02:00 to 04:00 on Thursdays at %s is open: %s', (instant, isOpen) => {
    expect(isWithinWindows(windows({ days: ['thu'], from: '02:00', to: '04:00' }), at(instant))).toBe(isOpen);
  });

  it.each([
    ['2026-04-09T23:00:00Z', true],
    ['2026-04-10T05:59:00Z', true],
    ['2026-04-10T06:00:00Z', false],
    ['2026-04-09T05:00:00Z', false],
  ])('past midnight belongs to the day on which it began: at %s it is open: %s', (instant, isOpen) => {
    expect(isWithinWindows(windows({ days: ['thu'], from: '22:00', to: '06:00' }), at(instant))).toBe(isOpen);
  });

  it.each([
    ['2026-04-08T18:30:00Z', true],
    ['2026-04-09T02:30:00Z', false],
  ])('counts in its own time zone: at %s it is open: %s', (instant, isOpen) => {
    const shanghai = windows({ days: ['thu'], from: '02:00', to: '04:00', timeZone: 'Asia/Shanghai' });

    expect(isWithinWindows(shanghai, at(instant))).toBe(isOpen);
  });

  it('moves with summer time', () => {
    const berlin = windows({ from: '02:00', to: '04:00', timeZone: 'Europe/Berlin' });

    expect(isWithinWindows(berlin, at('2026-01-15T01:30:00Z'))).toBe(true);
    expect(isWithinWindows(berlin, at('2026-07-15T01:30:00Z'))).toBe(true);
    expect(isWithinWindows(berlin, at('2026-07-15T02:30:00Z'))).toBe(false);
  });

  it('of equal times is the whole day', () => {
    expect(isWithinWindows(windows({ from: '00:00', to: '00:00' }), at('2026-04-09T17:00:00Z'))).toBe(true);
  });

  it.each([
    [{ from: '24:00', to: '04:00' }],
    [{ from: '2:00', to: '04:00' }],
    [{ from: '02:00', to: '04:00', timeZone: 'Mars/Olympus' }],
    [{ from: '02:00', to: '04:00', days: [] }],
    [{ from: '02:00', to: '04:00', days: ['someday'] }],
  ])('of %j is refused', (window) => {
    expect(DriftSchema.safeParse({ windows: [window] }).success).toBe(false);
  });
});
