import type { Pair } from '../../../../shared/config/pair.ts';
import type { Application } from '../../world/ecs/serving-spans.ts';
import type { Happening } from '../day.ts';
import type { Dice } from '../dice.ts';
import type { DayPair, PairHappening } from '../pair.ts';
import { drawApplication } from './applications.ts';
import { type DrawnPairs, memberOf } from './pairs.ts';
import { drawSystemEvent } from './scaling-happenings.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** The product knows the pair by then. */
const KNOWN_MS = 3 * MINUTE_MS;
const OPENING_MS = 5 * SECOND_MS;

/** What happens to a day's pairs until `endsAtMs`, their members and standbys included. */
export function drawPairHappenings(
  dice: Dice,
  { pairs, pools }: Pick<DrawnPairs, 'pairs' | 'pools'>,
  configured: ReadonlyArray<Pair>,
  endsAtMs: number,
): ReadonlyArray<Happening> {
  return pairs.flatMap((pair) => {
    const config = configured.find(({ name }) => name === pair.name);
    if (config === undefined) return [];
    const drawing = new Drawing(dice, pair, pools.get(pair.name) ?? null, endsAtMs);
    drawing.opening();
    // They come one after the other rather than at once: each needs a pair that has come to rest, or nearly.
    for (let left = dice.whole(2, 5); left > 0; left--) drawing.trouble(config);
    return drawing.happenings;
  });
}

/** How likely a happening is, beside the others. */
type Share = readonly [share: number, happen: () => void];

class Drawing {
  readonly happenings: Array<Happening> = [];
  readonly #dice: Dice;
  readonly #pair: DayPair;
  readonly #pool: Readonly<Record<string, string>> | null;
  readonly #endsAtMs: number;
  #standbys = 0;

  constructor(dice: Dice, pair: DayPair, pool: Readonly<Record<string, string>> | null, endsAtMs: number) {
    this.#dice = dice;
    this.#pair = pair;
    this.#pool = pool;
    this.#endsAtMs = endsAtMs;
  }

  /** The members, which serve at once, and whoever stands by. */
  opening(): void {
    const dice = this.#dice;
    const { primary, secondary } = this.#pair;
    for (const name of [primary, secondary]) {
      const application: Application = { kind: 'serves', afterMs: 0 };
      const atMs = dice.whole(0, OPENING_MS);
      this.#add({ atMs, kind: 'start', names: [name], tags: {}, application, ...this.#spot() });
    }
    for (let left = dice.whole(0, 2); left > 0; left--) this.#startStandby(dice.whole(0, OPENING_MS));
  }

  trouble(config: Pair): void {
    const dice = this.#dice;
    const atMs = dice.whole(KNOWN_MS, this.#endsAtMs);
    const name = this.#whose();
    this.#oneOf([
      [6, () => this.#stop(atMs, name)],
      [2, () => this.#add({ atMs, kind: 'release', name, force: true })],
      [2, () => this.#add({ atMs, kind: 'reboot', name })],
      [5, () => this.#fail(atMs, name)],
      [2, () => this.#add({ atMs, kind: 'interrupt', name })],
      [2, () => this.#add(...drawSystemEvent(dice, name, atMs))],
      [2, () => this.#lie(atMs, name)],
      [2, () => this.#order(atMs, config)],
    ]);
    // What a change meets on its way comes while it is under way.
    const soonMs = () => atMs + dice.skewed(0, 3 * MINUTE_MS);
    if (dice.chance(0.35)) this.#alarm(soonMs());
    if (dice.chance(0.35)) this.#meddle(soonMs());
    if (dice.chance(0.15)) this.#order(soonMs(), config);
    if (dice.chance(0.2)) this.#startStandby(soonMs());
    if (dice.chance(0.15)) this.#stop(soonMs(), this.#whose());
  }

  /** Mostly the first primary, then whoever may be it later. */
  #whose(): string {
    const { primary, secondary } = this.#pair;
    const standbys = Array.from({ length: this.#standbys }, (_, n) => this.#standbyName(n));
    return this.#dice.pick([primary, primary, primary, secondary, secondary, ...standbys]);
  }

  #standbyName(n: number): string {
    return memberOf(this.#pair, `s${n + 1}`);
  }

  #startStandby(atMs: number): void {
    if (this.#pool === null) return;
    const names = [this.#standbyName(this.#standbys++)];
    const application = drawApplication(this.#dice);
    this.#add({ atMs, kind: 'start', names, tags: this.#pool, application, ...this.#spot() });
  }

  #spot(): { readonly isSpot?: true } {
    return this.#dice.chance(0.2) ? { isSpot: true } : {};
  }

  #stop(atMs: number, name: string): void {
    const dice = this.#dice;
    this.#add({ atMs, kind: 'stop', name, force: dice.chance(0.4) });
    const backAtMs = atMs + dice.whole(10 * SECOND_MS, 9 * MINUTE_MS);
    if (dice.chance(0.65)) this.#add({ atMs: backAtMs, kind: 'start-again', name });
    else if (dice.chance(0.3)) this.#add({ atMs: backAtMs, kind: 'release', name, force: false });
  }

  /** Its application comes and goes with some period, or is gone for a while, or for good. */
  #fail(atMs: number, name: string): void {
    const dice = this.#dice;
    const lastsUntilMs = atMs + dice.whole(20 * SECOND_MS, 6 * MINUTE_MS);
    if (dice.chance(0.5)) {
      const application = {
        kind: 'flaps',
        afterMs: 0,
        upMs: dice.skewed(500, 2 * MINUTE_MS),
        downMs: dice.skewed(500, 2 * MINUTE_MS),
      } as const;
      this.#add({ atMs, kind: 'application', name, application, untilMs: lastsUntilMs });
      return;
    }
    const untilMs = dice.chance(0.75) ? lastsUntilMs : null;
    this.#add({ atMs, kind: 'application', name, application: { kind: 'never' }, untilMs });
  }

  #lie(atMs: number, name: string): void {
    const status = this.#dice.pick(['abnormal', 'abnormal', 'normal', 'unavailable'] as const);
    const untilMs = atMs + this.#dice.whole(10 * SECOND_MS, 5 * MINUTE_MS);
    this.#add({ atMs, kind: 'health', name, status, untilMs });
  }

  #alarm(atMs: number): void {
    const dice = this.#dice;
    this.#add({
      atMs,
      kind: 'alarm',
      pair: this.#pair.name,
      listener: this.#anyListener(),
      level: dice.pick(['CRITICAL', 'CRITICAL', 'WARN', 'OK']),
      agoMs: dice.skewed(0, 60 * MINUTE_MS),
      copies: dice.pick([1, 1, 2, 4]),
    });
  }

  #order(atMs: number, { standby }: Pair): void {
    const dice = this.#dice;
    const pair = this.#pair.name;
    if (dice.chance(0.3)) {
      const forMs = dice.chance(0.75) ? dice.whole(30 * SECOND_MS, 5 * MINUTE_MS) : null;
      this.#add({ atMs, kind: 'order-pause', pair, forMs });
      return;
    }
    const names = [
      this.#pair.primary,
      this.#pair.secondary,
      ...(standby === null ? [] : [this.#standbyName(0)]),
    ];
    const to = dice.chance(0.5) ? null : dice.pick(names);
    this.#add({ atMs, kind: 'order-promotion', pair, to, overridesCoolDown: dice.chance(0.4) });
  }

  #meddle(atMs: number): void {
    const dice = this.#dice;
    const pair = this.#pair.name;
    const listener = this.#anyListener();
    const points = (to: Extract<PairHappening, { kind: 'operator-points' }>['to'], afterMs = 0) =>
      this.#add({ atMs: atMs + afterMs, kind: 'operator-points', pair, listener, to });
    this.#oneOf([
      [3, () => points('back')],
      [
        3,
        () => {
          points('own-group');
          const laterMs = dice.whole(20 * SECOND_MS, 6 * MINUTE_MS);
          if (dice.chance(0.6)) points(dice.pick(['back', 'together']), laterMs);
        },
      ],
      [2, () => this.#add({ atMs, kind: 'operator-deletes', pair })],
      [
        2,
        () => {
          const [ahead, isSwapped] = [dice.whole(0, 1), dice.chance(0.7)];
          this.#add({ atMs, kind: 'operator-creates', pair, ahead, isSwapped });
        },
      ],
      [2, () => this.#add({ atMs, kind: 'operator-describes', pair, listener, text: 'by-hand' })],
    ]);
  }

  #anyListener(): number {
    return this.#dice.whole(0, this.#pair.listeners.length - 1);
  }

  #oneOf(shares: ReadonlyArray<Share>): void {
    const whole = shares.reduce((sum, [share]) => sum + share, 0);
    let roll = this.#dice.random() * whole;
    for (const [share, happen] of shares) {
      roll -= share;
      if (roll >= 0) continue;
      happen();
      return;
    }
  }

  #add(...happenings: ReadonlyArray<Happening>): void {
    this.happenings.push(...happenings);
  }
}
