import { describe, expect, it } from 'vitest';
import { drawDay } from '../../../../../infra/local/simulator/draw/day.ts';
import type { RequestHappening } from '../../../../../infra/local/simulator/request.ts';

const DAYS = Array.from({ length: 200 }, (_, seed) =>
  drawDay(seed).happenings.filter((each): each is RequestHappening => each.kind === 'request'),
);
const WITH_REQUESTS = DAYS.filter((requests) => requests.length > 0);
const ALL = WITH_REQUESTS.flat();

describe('drawn days', () => {
  it('have change requests in four of ten cases, each under an id of its own', () => {
    expect(WITH_REQUESTS.length).toBeGreaterThan(60);
    expect(WITH_REQUESTS.length).toBeLessThan(100);
    for (const requests of WITH_REQUESTS) {
      expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(requests.length);
    }
  });

  it('ask for everything that needs no signature', () => {
    expect(new Set(ALL.map(({ change }) => change.kind))).toEqual(
      new Set(['drain', 'join', 'set-weight', 'remove', 'release-override', 'promote', 'pause', 'resume']),
    );
  });

  it('have copies, dry runs, and requests that soon expire, and others', () => {
    expect(new Set(ALL.map(({ copies }) => copies > 1)).size).toBe(2);
    expect(new Set(ALL.map(({ isDryRun }) => isDryRun)).size).toBe(2);
    expect(new Set(ALL.map(({ notAfterMs }) => notAfterMs === null)).size).toBe(2);
  });

  it('take back whatever has no end of its own', () => {
    for (const requests of WITH_REQUESTS) {
      for (const { atMs, change } of requests) {
        if (change.kind !== 'remove') continue;
        const release = { kind: 'release-override', binding: change.binding, names: change.names };
        const later = requests.filter((each) => each.atMs > atMs).map((each) => each.change);
        expect(later).toContainEqual(release);
      }
    }
  });
});
