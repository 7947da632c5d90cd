import type { Binding } from '../config/binding.ts';
import type { Heritage, LeftPort } from './backend/moving.ts';
import { lastReturnsOf, withOrder } from './backend/orders.ts';
import { fullWeight, type Override } from './backend/override.ts';
import type { BackendRow, LeaveOrder, ReturnOrder } from './backend/record.ts';
import { describePhase } from './backend/words.ts';
import type { Candidate } from './draft.ts';
import type { GroupHealth } from './health.ts';
import { backendKey, type ObservedBackend } from './model.ts';
import { type MovingServer, NOBODY_MOVES } from './tally.ts';

/** What of a server's move a backend's rules depend on. */
export interface Move {
  readonly left: LeftPort;
  /** What the health checks say may decide about it. */
  readonly leansOnHealth: boolean;
}

/** A server with a backend of ours, or a record of one, on a port that its binding has left. */
interface Moving {
  readonly binding: Binding;
  readonly left: Array<Candidate>;
  /** By port. */
  readonly named: Map<number, Candidate>;
}

/** The servers of a group that are on their way from ports that their binding has left to those that it names. */
export class Moves {
  readonly #health: GroupHealth;
  readonly #moving: ReadonlyMap<string, Moving>;
  /** What candidates on ports that are named have come to in this plan. */
  readonly #settled = new Map<Candidate, BackendRow | null>();
  readonly #moves = new Map<string, Move>();

  constructor(candidates: ReadonlyArray<Candidate>, health: GroupHealth) {
    this.#health = health;
    this.#moving = movingOf(candidates);
  }

  get areNone(): boolean {
    return this.#moving.size === 0;
  }

  /** Takes what the rules have made of a backend on a port that is named: those on ports that were left wait for it. */
  take(candidate: Candidate, row: BackendRow | null): void {
    if (!this.areNone) this.#settled.set(candidate, row);
  }

  /** The move of a backend on a port that its binding has left; those on ports that it names are settled by then. */
  of(candidate: Candidate): Move | null {
    const key = keyOf(candidate);
    const moving = this.#moving.get(key);
    if (!candidate.hasLeft || moving === undefined) return null;
    const known = this.#moves.get(key) ?? moveOf(moving, this.#settled, this.#health);
    this.#moves.set(key, known);
    return known;
  }

  /** What was asked of the server on ports that were left, for a backend on one that is named; `null` = it does not move. */
  heritageOf(candidate: Candidate): Heritage | null {
    const moving = candidate.hasLeft ? undefined : this.#moving.get(keyOf(candidate));
    return moving === undefined ? null : heritageOf(moving.left.flatMap(({ row }) => row ?? []));
  }

  /** The backends of those that are listed on a port that was left; guards count each such server by this. */
  servers(): ReadonlyMap<ObservedBackend, MovingServer> {
    if (this.areNone) return NOBODY_MOVES;
    const servers = new Map<ObservedBackend, MovingServer>();
    for (const { binding, left, named } of this.#moving.values()) {
      const gone = listedOf(left);
      if (gone.length === 0) continue;
      const server = { ports: binding.ports.length, left: new Set(gone) };
      for (const backend of [...gone, ...listedOf(named.values())]) servers.set(backend, server);
    }
    return servers;
  }
}

function keyOf({ identity: { serverId, serverIp }, binding }: Candidate): string {
  return `${serverId} ${serverIp ?? ''} ${binding?.name ?? ''}`;
}

function listedOf(candidates: Iterable<Candidate>): ReadonlyArray<ObservedBackend> {
  return [...candidates].flatMap(({ backend }) => backend ?? []);
}

function movingOf(candidates: ReadonlyArray<Candidate>): ReadonlyMap<string, Moving> {
  const all = new Map<string, Moving>();
  for (const candidate of candidates) {
    const { hasLeft, binding } = candidate;
    if (!hasLeft || binding === null) continue;
    const known: Moving = all.get(keyOf(candidate)) ?? { binding, left: [], named: new Map() };
    all.set(keyOf(candidate), known);
    known.left.push(candidate);
  }
  if (all.size === 0) return all;
  for (const candidate of candidates) {
    if (!candidate.hasLeft) all.get(keyOf(candidate))?.named.set(candidate.identity.port, candidate);
  }
  return all;
}

function moveOf(
  { binding, left, named }: Moving,
  settled: ReadonlyMap<Candidate, BackendRow | null>,
  health: GroupHealth,
): Move {
  const isServing = left.some(({ backend }) => backend !== null && backend.weight > 0);
  const found = binding.ports.map(({ port }) => {
    const candidate = named.get(port);
    if (candidate === undefined) return { port, ...NOT_THERE };
    const row = settled.get(candidate);
    return { port, ...standingOf(candidate, row === undefined ? candidate.row : row, isServing, health) };
  });
  const to = portsOf(binding);
  const leansOnHealth = found.some((each) => each.leansOnHealth);
  const open = found.find(({ kind }) => kind === 'open');
  if (open?.kind === 'open') {
    const waitsFor = `:${open.port} ${open.reason}`;
    return { left: { to, waitsFor, isHeld: open.isHeld }, leansOnHealth };
  }
  const isServed = found.some(({ kind }) => kind === 'serves');
  const waitsFor = isServed ? null : `an order keeps it out of ${to}`;
  return { left: { to, waitsFor, isHeld: !isServed }, leansOnHealth };
}

/** `:8081`, or `:8081, :8082`. */
function portsOf({ ports }: Binding): string {
  return ports.map(({ port }) => `:${port}`).join(', ');
}

type Standing = { readonly leansOnHealth: boolean } & (
  | { readonly kind: 'serves' }
  /** Kept out by somebody's order: nothing to wait for. */
  | { readonly kind: 'out' }
  | { readonly kind: 'open'; readonly reason: string; readonly isHeld: boolean }
);

const NOT_THERE = open('is not in the group yet', false);

function open(reason: string, isHeld: boolean, leansOnHealth = false): Standing {
  return { kind: 'open', reason, isHeld, leansOnHealth };
}

/** How a server stands on one of the ports that its binding names; `row` is what is recorded of it by now. */
function standingOf(
  candidate: Candidate,
  row: BackendRow | null,
  isServingElsewhere: boolean,
  health: GroupHealth,
): Standing {
  const { backend, identity, weight } = candidate;
  if (row === null && backend === null) return NOT_THERE;
  if (row !== null && row.phase !== 'in-service') {
    if (row.orders.some(({ cause }) => cause !== 'not-ready')) return { kind: 'out', leansOnHealth: false };
    const isNotReady = row.cause === 'not-ready';
    return open(row.held?.reason ?? describePhase(row), row.held !== null || isNotReady);
  }
  if (backend === null) return open('is not in the group any more', false);
  const wanted = row === null ? backend.weight : fullWeight(candidate, row.override);
  // Another writer's weight that is left to him is all that it will have.
  const isTheirs = row?.held?.by === 'drift' || row?.held?.by === 'contested';
  if (backend.weight < wanted && !isTheirs)
    return open(`has weight ${backend.weight} of ${wanted}`, row !== null && row.held !== null);
  // At the weight 0 that somebody has asked for it takes nothing over from a port that still serves.
  if (Math.min(backend.weight, wanted) === 0 && weight > 0 && isServingElsewhere)
    return open('has weight 0', true);
  const isAbnormal = health.get(backendKey(identity)) === 'abnormal';
  return isAbnormal
    ? open('is abnormal, say the health checks', true, true)
    : { kind: 'serves', leansOnHealth: true };
}

/** What was asked of the server, and not of the process behind one port. */
function heritageOf(rows: ReadonlyArray<BackendRow>): Heritage {
  const isOfServer = ({ cause }: LeaveOrder) => cause !== 'not-ready' && cause !== 'health-alarm';
  return {
    orders: rows
      .flatMap(({ orders }) => orders.filter(isOfServer))
      .reduce<ReadonlyArray<LeaveOrder>>(withOrder, []),
    returns: lastReturnsOf(
      [],
      rows.flatMap<ReturnOrder>(({ returns }) => returns),
    ),
    override: rows.reduce<Override | null>(
      (newest, { override }) =>
        override !== null && override.sinceMs > (newest?.sinceMs ?? -Infinity) ? override : newest,
      null,
    ),
  };
}
