import type { Clock } from '../../shared/clock.ts';
import type { Screen } from './terminal.ts';

/** Lines that are told once each, with the time since the first look, and one that moves below them. */
export class Lines {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #told = new Set<string>();

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
    this.#startedAtMs = clock.nowMs();
  }

  /** Since the first look. */
  get elapsedMs(): number {
    return this.#clock.nowMs() - this.#startedAtMs;
  }

  /** Tells it, unless it has been told before. */
  add(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#screen.write(`${this.#erase()}${this.#screen.colors.dim(this.#time())}  ${text}\n`);
  }

  /** `remark` stands there until something is told; nowhere where the cursor cannot be moved. */
  wait(remark: string): void {
    if (!this.#screen.isInteractive) return;
    // What is longer than a line could not be erased again; the terminal adds the two characters of Ctrl-C.
    const text = `${this.#time()}  ${remark}`.slice(0, this.#screen.size().columns - 3);
    this.#screen.write(`${this.#erase()}${this.#screen.colors.dim(text)}`);
  }

  /** Takes away what stands below the lines. */
  end(): void {
    this.#screen.write(this.#erase());
  }

  #time(): string {
    return `${(this.elapsedMs / 1_000).toFixed(1).padStart(6)} s`;
  }

  #erase(): string {
    return this.#screen.isInteractive ? '\r\x1b[K' : '';
  }
}
