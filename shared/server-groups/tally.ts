import type { ObservedBackend } from './model.ts';

/** A server that is in a group on ports that its binding has left, and perhaps on those that it names. */
export interface MovingServer {
  /** How many ports the binding names. */
  readonly ports: number;
  /** The backends on ports that were left; all others of the server and its binding are on ports that it names. */
  readonly left: ReadonlySet<ObservedBackend>;
}

/** No server of a group moves. */
export const NOBODY_MOVES: ReadonlyMap<ObservedBackend, MovingServer> = new Map();

/**
 * Counts backends as guards do: each is one, but a server between ports is never more than it was on the old ports, or will be
 * on the new ones. So its second backend lets nobody leave, and taking away the first costs nothing.
 */
export class Tally {
  readonly #moving: ReadonlyMap<ObservedBackend, MovingServer>;
  readonly #members: Set<ObservedBackend>;
  readonly #sides = new Map<MovingServer, { left: number; named: number }>();
  #size = 0;

  constructor(moving: ReadonlyMap<ObservedBackend, MovingServer>, members: Iterable<ObservedBackend>) {
    this.#moving = moving;
    this.#members = new Set(members);
    this.#size = this.#members.size;
    if (moving.size === 0) return;
    for (const member of this.#members) {
      const server = moving.get(member);
      if (server === undefined) continue;
      const before = this.#sides.get(server) ?? { left: 0, named: 0 };
      const after = withOne(before, server, member, 1);
      this.#sides.set(server, after);
      this.#size += counted(server, after) - counted(server, before) - 1;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** By how much the count falls without it: 0 or 1. */
  costOf(backend: ObservedBackend): number {
    if (!this.#members.has(backend)) return 0;
    const server = this.#moving.get(backend);
    const before = server === undefined ? undefined : this.#sides.get(server);
    if (server === undefined || before === undefined) return 1;
    return counted(server, before) - counted(server, withOne(before, server, backend, -1));
  }

  remove(backend: ObservedBackend): void {
    this.#size -= this.costOf(backend);
    if (!this.#members.delete(backend)) return;
    const server = this.#moving.get(backend);
    const before = server === undefined ? undefined : this.#sides.get(server);
    if (server !== undefined && before !== undefined)
      this.#sides.set(server, withOne(before, server, backend, -1));
  }
}

interface Sides {
  readonly left: number;
  readonly named: number;
}

function withOne({ left, named }: Sides, server: MovingServer, backend: ObservedBackend, by: 1 | -1): Sides {
  return server.left.has(backend) ? { left: left + by, named } : { left, named: named + by };
}

function counted({ ports }: MovingServer, { left, named }: Sides): number {
  return Math.min(left + named, Math.max(left, ports));
}
