import { DeadlineError } from '../../../../shared/adapters/node/deadline.ts';
import type { Carrier, Travel } from '../../memory/carrier.ts';
import type { VirtualClock } from '../../world/clock.ts';
import { CloudError, ConnectionLost } from '../../world/errors.ts';
import type { Dice } from '../dice.ts';
import type { CallFaults, StrikingFault } from './call-faults.ts';
import type { CallOutcome, CallWatch, WorkerCall } from './calls.ts';
import type { Trace } from './trace.ts';

/** What all carriers of a day share. */
export interface CarrierDeps {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly faults: CallFaults;
  readonly watch: CallWatch;
  readonly trace: Trace;
  /** The call that is taking effect right now, for whoever sees its effects; `null` = none is. */
  readonly landing: { call: WorkerCall | null };
}

/** Slowest trips one way, in ms; most are far shorter. */
const TRIP_MAX_MS = { ots: 40, slb: 400, ecs: 400, ess: 400, mns: 60, fc: 60, vpc: 20 } as const;

/**
 * The calls of one worker. Each suspends it, takes a seeded time there and back, and meets the faults of the day. The
 * worker can stand still, and die: then nothing of it goes on, while what it has sent still arrives.
 */
export class WorkerCarrier implements Carrier {
  isDead = false;
  readonly #name: string;
  readonly #deps: CarrierDeps;
  readonly #onDeath: (reason: string) => void;
  #frozenUntilMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, deps: CarrierDeps, onDeath: (reason: string) => void) {
    this.#name = name;
    this.#deps = deps;
    this.#onDeath = onDeath;
  }

  get isFrozen(): boolean {
    return this.#frozenUntilMs > this.#deps.clock.nowMs();
  }

  die(reason: string): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#deps.trace.note(this.#name, () => `dies: ${reason}`);
    this.#onDeath(reason);
  }

  pause(ms: number): Promise<void> {
    const { clock } = this.#deps;
    return new Promise((resolve) => {
      clock.at(clock.nowMs() + ms, () => this.#goOn(resolve));
    });
  }

  carry<T>(travel: Travel, land: () => Promise<T>): Promise<T> {
    // What a dead worker would do next never happens.
    if (this.isDead) return new Promise(() => {});
    const { clock, dice, faults, watch, trace } = this.#deps;
    const nowMs = clock.nowMs();
    const fault = faults.strike(travel);
    const name = `${travel.product}.${travel.action}`;
    if (fault !== null) trace.note(this.#name, () => `${fault.kind} strikes ${name}`);
    if (fault?.kind === 'crash' && fault.when === 'before') {
      this.die(`before ${name}`);
      return new Promise(() => {});
    }
    const call: WorkerCall = { worker: this.#name, travel, sentAtMs: nowMs, landedAtMs: null, outcome: null };
    watch.sent(call);
    const tripMax = TRIP_MAX_MS[travel.product];
    let landsAtMs = nowMs + dice.skewed(1, tripMax);
    const backMs = dice.skewed(1, tripMax);
    if (fault?.kind === 'zombie') {
      this.#frozenUntilMs = nowMs + fault.forMs;
      landsAtMs += fault.forMs;
    }
    if (fault?.kind === 'late-call') landsAtMs = nowMs + fault.forMs;
    const isTimed = fault?.kind !== 'zombie' || !fault.hearsAnswer;

    return new Promise<T>((resolve, reject) => {
      let isOpen = true;
      const settle = (finish: () => void) =>
        this.#goOn(() => {
          if (!isOpen) return;
          isOpen = false;
          finish();
        });
      const deadlineMs = nowMs + travel.timeoutMs;
      if (isTimed && landsAtMs + backMs >= deadlineMs) {
        clock.at(deadlineMs, () =>
          settle(() => {
            trace.note(this.#name, () => `${name} did not answer in time`);
            reject(new DeadlineError(`${name} did not answer in time`));
          }),
        );
      }
      clock.at(landsAtMs, () => {
        void this.#land(call, land, fault).then((outcome) => {
          if (fault?.kind === 'crash') {
            this.die(`after ${name}`);
            return;
          }
          clock.at(clock.nowMs() + backMs, () =>
            settle(() => {
              watch.heard(call, outcome);
              if (outcome.isOk) resolve(outcome.body as T);
              else reject(outcome.error);
            }),
          );
        });
      });
    });
  }

  /** Makes the call take effect; what the caller will hear of it. */
  async #land(
    call: WorkerCall,
    land: () => Promise<unknown>,
    fault: StrikingFault | null,
  ): Promise<CallOutcome> {
    const { clock, landing, watch, trace } = this.#deps;
    landing.call = call;
    let outcome: CallOutcome;
    try {
      const refusal = refusalOf(fault);
      if (refusal !== null) throw refusal;
      outcome = { isOk: true, body: await land() };
    } catch (error) {
      outcome = { isOk: false, error };
    }
    landing.call = null;
    call.landedAtMs = clock.nowMs();
    call.outcome = outcome;
    trace.note(this.#name, () => `${describeCall(call)} → ${describeOutcome(outcome)}`);
    watch.landed(call);
    if (fault?.kind === 'lost-reply') return { isOk: false, error: new ConnectionLost(outcome.isOk) };
    return outcome;
  }

  /** Goes on with the worker: now, when it wakes, or never. */
  #goOn(run: () => void): void {
    if (this.isDead) return;
    const { clock } = this.#deps;
    if (this.isFrozen) clock.at(this.#frozenUntilMs, () => this.#goOn(run));
    else run();
  }
}

function refusalOf(fault: StrikingFault | null): Error | null {
  if (fault === null) return null;
  if (fault.kind === 'lost-request') return new ConnectionLost(false);
  if (!('code' in fault)) return null;
  const headers: Readonly<Record<string, string>> =
    fault.retryAfterMs === null ? {} : { 'x-acs-retry-after': String(fault.retryAfterMs) };
  return new CloudError(fault.status, fault.code, `fault of the day: ${fault.kind}`, headers);
}

function describeCall({ travel }: WorkerCall): string {
  return `${travel.product}.${travel.action} ${travel.about()}`;
}

function describeOutcome(outcome: CallOutcome): string {
  if (outcome.isOk) return 'done';
  const { error } = outcome;
  if (error instanceof CloudError) return error.code;
  return error instanceof Error ? error.name : String(error);
}
