import type { Binding } from '../../../../shared/config/binding.ts';
import { selectorTags } from '../../../../shared/config/binding.ts';
import type { Happening, Tags } from '../day.ts';
import type { Dice } from '../dice.ts';
import { drawApplication } from './applications.ts';

const MINUTE_MS = 60_000;
/** A day has at least 60 events; a few more are drawn, since some are refused when their time comes. */
const EVENTS_MIN = 63;
const EVENTS_MAX = 65;
const BACKENDS_MIN = 33;
/** Events that a happening makes, on average. */
const EVENTS_EACH = 2.1;
/** Things come together: a deployment, a tool's run, a zone that fails. Quiet lies between. */
const MOMENTS_MIN = 10;
const MOMENTS_MAX = 14;
const MOMENT_MS = 8_000;
/** The first instances of all bindings start within this time. */
const OPENING_MS = 30_000;

/** What an instance is doing, as far as drawing the next happening goes. */
interface Life {
  readonly name: string;
  readonly tags: Tags;
  state: 'running' | 'stopped' | 'released';
  /** Nothing more before this instant: transitions take their time. */
  freeAtMs: number;
}

/** Draws until the day has its events; `endsAtMs` is when the last of them begins. */
export function drawHappenings(
  dice: Dice,
  bindings: ReadonlyArray<Binding>,
  endsAtMs: number,
): ReadonlyArray<Happening> {
  // A configuration of one's own may have nothing but pairs.
  if (bindings.length === 0) return [];
  const drawing = new Drawing(dice, bindings);
  drawing.openingWaves();
  // In the order of their instants, and so many that the events are spread over the day.
  const wanted = dice.whole(EVENTS_MIN, EVENTS_MAX);
  const count = Math.max(10, Math.ceil((wanted - drawing.events) / EVENTS_EACH));
  const moments = Array.from({ length: dice.whole(MOMENTS_MIN, MOMENTS_MAX) }, () =>
    dice.whole(2 * MINUTE_MS, endsAtMs),
  );
  const times = Array.from({ length: count }, () => dice.pick(moments) + dice.whole(0, MOMENT_MS));
  for (const atMs of times.sort((a, b) => a - b)) drawing.next(atMs);
  for (let atMs = endsAtMs; drawing.events < wanted; atMs += 1_000) drawing.next(atMs);
  return drawing.happenings.sort((a, b) => a.atMs - b.atMs);
}

class Drawing {
  readonly happenings: Array<Happening> = [];
  events = 0;
  readonly #dice: Dice;
  readonly #bindings: ReadonlyArray<Binding>;
  readonly #lives: Array<Life> = [];

  constructor(dice: Dice, bindings: ReadonlyArray<Binding>) {
    this.#dice = dice;
    this.#bindings = bindings;
  }

  /** Enough instances of every binding for the day's backends. */
  openingWaves(): void {
    let backends = 0;
    for (let round = 0; backends < BACKENDS_MIN || round < this.#bindings.length; round++) {
      const binding = this.#bindings[round % this.#bindings.length];
      if (binding === undefined) return;
      const amount = this.#dice.whole(2, 4);
      this.#start(this.#dice.whole(0, OPENING_MS), amount, binding);
      backends += amount * binding.ports.length;
    }
  }

  next(atMs: number): void {
    const dice = this.#dice;
    const free = this.#lives.filter((life) => life.freeAtMs <= atMs);
    const running = free.filter(({ state }) => state === 'running');
    const stopped = free.filter(({ state }) => state === 'stopped');
    const roll = dice.random();
    if (roll < 0.12 || this.#lives.length === 0) {
      this.#start(atMs, dice.chance(0.25) ? dice.whole(3, 8) : 1, dice.pick(this.#bindings));
    } else if (roll < 0.17 && running.length > 4) {
      for (const life of dice.some(running, dice.whole(2, Math.min(6, running.length))))
        this.#leave(atMs, life);
    } else if (roll < 0.32 && running.length > 0) this.#leave(atMs, dice.pick(running));
    else if (roll < 0.55 && stopped.length > 0) this.#comeBack(atMs, dice.pick(stopped));
    else if (roll < 0.68 && running.length > 0) this.#reboot(atMs, dice.pick(running));
    else if (roll < 0.76 && stopped.length > 0) this.#release(atMs, dice.pick(stopped), false);
    else if (roll < 0.82 && running.length > 2) this.#release(atMs, dice.pick(running), true);
    else if (roll < 0.88 && running.length > 0) this.#retag(atMs, dice.pick(running));
    else if (this.#lives.length > 0) this.#foreign(atMs, dice.pick(this.#lives));
  }

  #start(atMs: number, amount: number, binding: Binding): void {
    const tags: Record<string, string> = {};
    for (const { key, value } of selectorTags(binding.selector)) tags[key] = value;
    const names = Array.from({ length: amount }, (_, n) => `vm-${this.#lives.length + n + 1}`);
    for (const name of names) this.#lives.push({ name, tags, state: 'running', freeAtMs: atMs + MINUTE_MS });
    this.happenings.push({ atMs, kind: 'start', names, tags, application: drawApplication(this.#dice) });
    this.events += amount;
  }

  #leave(atMs: number, life: Life): void {
    const force = this.#dice.chance(0.3);
    this.happenings.push({ atMs, kind: 'stop', name: life.name, force });
    life.state = 'stopped';
    life.freeAtMs = atMs + this.#dice.whole(1_000, 2 * MINUTE_MS);
    this.events += 2;
  }

  #comeBack(atMs: number, life: Life): void {
    this.happenings.push({ atMs, kind: 'start-again', name: life.name });
    life.state = 'running';
    life.freeAtMs = atMs + this.#dice.whole(1_000, 2 * MINUTE_MS);
    this.events += 1;
  }

  #reboot(atMs: number, life: Life): void {
    this.happenings.push({ atMs, kind: 'reboot', name: life.name });
    life.freeAtMs = atMs + MINUTE_MS;
    this.events += 2;
  }

  #release(atMs: number, life: Life, force: boolean): void {
    this.happenings.push({ atMs, kind: 'release', name: life.name, force });
    life.state = 'released';
    life.freeAtMs = Number.POSITIVE_INFINITY;
    // More where a forced release shows its states on the way.
    this.events += 1;
  }

  #retag(atMs: number, life: Life): void {
    const isOut = this.#dice.chance(0.5);
    const tags = isOut ? Object.fromEntries(Object.keys(life.tags).map((key) => [key, 'none'])) : life.tags;
    this.happenings.push({ atMs, kind: 'retag', name: life.name, tags });
  }

  #foreign(atMs: number, { name }: Life): void {
    const { vServerGroupId } = this.#dice.pick(this.#bindings);
    const kind = this.#dice.pick([
      'foreign-weight',
      'foreign-weight',
      'foreign-remove',
      'foreign-add',
    ] as const);
    const weight = this.#dice.pick([0, 1, 50, 100]);
    // Now and then the other tool insists.
    const times = this.#dice.chance(0.15) ? this.#dice.whole(3, 6) : 1;
    const everyMs = this.#dice.whole(30_000, 3 * MINUTE_MS);
    for (let n = 0; n < times; n++) {
      this.happenings.push({ atMs: atMs + n * everyMs, kind, name, vServerGroupId, weight });
    }
  }
}
