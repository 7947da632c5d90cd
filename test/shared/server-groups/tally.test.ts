import { describe, expect, it } from 'vitest';
import type { ObservedBackend } from '../../../shared/server-groups/model.ts';
import { type MovingServer, NOBODY_MOVES, Tally } from '../../../shared/server-groups/tally.ts';
import { aBackend } from '../../support/builders.ts';

const on = (port: number, serverId = 'i-1') => aBackend(serverId, { port });

/** A server that moves from the first ports to the others. */
function moving(left: ReadonlyArray<ObservedBackend>, named: ReadonlyArray<ObservedBackend>, ports: number) {
  const server: MovingServer = { ports, left: new Set(left) };
  return new Map([...left, ...named].map((backend) => [backend, server]));
}

describe('a tally', () => {
  it('counts backends where nobody moves, and each costs one', () => {
    const [a, b] = [on(8080), on(9090)];
    const tally = new Tally(NOBODY_MOVES, [a, b]);

    expect([tally.size, tally.costOf(a), tally.costOf(on(1))]).toEqual([2, 1, 0]);
    tally.remove(a);
    tally.remove(a);
    expect([tally.size, tally.costOf(a)]).toEqual([1, 0]);
  });

  it('counts a server on its old port and its new one once: the first to go costs nothing, the second one', () => {
    const [old, named] = [on(8080), on(8081)];
    const tally = new Tally(moving([old], [named], 1), [old, named, on(8080, 'i-2')]);

    expect([tally.size, tally.costOf(old), tally.costOf(named)]).toEqual([2, 0, 0]);
    tally.remove(old);
    expect([tally.size, tally.costOf(named)]).toEqual([2, 1]);
    tally.remove(named);
    expect(tally.size).toBe(1);
  });

  it.each([
    ['on two old ports', [8080, 8180], [], 2, 2],
    ['on two old ports and one of two new ones', [8080, 8180], [8081], 2, 2],
    ['on two old ports that become one', [8080, 8180], [8081], 1, 2],
    ['on one of them, and the one that they become', [8180], [8081], 1, 1],
    ['on one old port and one that stays', [8180], [8080], 2, 2],
    ['on one old port and on both that it becomes', [8080], [8081, 8181], 2, 2],
  ] as const)('counts a server %s', (_what, left, named, ports, size) => {
    const [gone, stay] = [left.map((port) => on(port)), named.map((port) => on(port))];

    expect(new Tally(moving(gone, stay, ports), [...gone, ...stay]).size).toBe(size);
  });

  it('counts of a server that moves only who is a member', () => {
    const [old, named] = [on(8080), on(8081)];

    expect(new Tally(moving([old], [named], 1), [old]).costOf(old)).toBe(1);
    expect(new Tally(moving([old], [named], 1), [old]).costOf(named)).toBe(0);
    expect(new Tally(moving([old], [named], 1), []).size).toBe(0);
  });
});
