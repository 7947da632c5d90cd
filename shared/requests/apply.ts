import type { InboxStore } from '../acceptance/ports.ts';
import { requestSubject } from '../audit/model.ts';
import { AuditNotes } from '../audit/notes.ts';
import type { RecentAudit } from '../audit/ports.ts';
import type { Clock, NewId } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { RequestPolicy } from '../config/requests.ts';
import type { DeclarationReader } from '../declarations/ports.ts';
import { withKnownGroups } from '../declarations/resolve.ts';
import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane } from '../lanes/model.ts';
import type { LaneStore, WakeUps } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import type { AdmissionPolicy } from './admission.ts';
import { withCalls } from './calls.ts';
import { type DeliverDeps, deliver } from './deliver.ts';
import { type ForeseeRequestDeps, foreseeRequests } from './foresee.ts';
import { look, progressOf, type Standing } from './look.ts';
import { keyOfRow, type RequestRow, targetOfLane } from './model.ts';
import { nameOf, planRequests, type RequestChange, type RequestsPlan } from './plan.ts';
import { portionOf } from './portion.ts';
import type { RequestStore, Results } from './ports.ts';
import { approvalText, resultText } from './result.ts';
import type { Foreseen, Known } from './turn.ts';

/** What a pass over a lane of requests needs. */
export interface RequestPassDeps extends ForeseeRequestDeps, DeliverDeps {
  readonly requests: RequestStore;
  readonly results: Results;
  readonly requestPolicy: RequestPolicy;
  readonly inbox: Pick<InboxStore, 'put' | 'read'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly wakeUps: WakeUps;
  readonly audit: Pick<RecentAudit, 'latest'>;
  readonly bindings: ReadonlyArray<Binding>;
  readonly declarations: DeclarationReader;
  /** Table time. */
  readonly clock: Clock;
  readonly ownClock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
}

/** Turns of plan and apply in one pass; each brings a portion of the requests a step on, or it is the last. */
const TURNS_MAX = 100;
const AT_ONCE = 6;

/** Makes the pass that carries out what people ask of a binding or a pair. */
export function createRequestPass(deps: RequestPassDeps): RunPass {
  return async (held, deadlineMs) => await new Pass(deps, held).run(deadlineMs);
}

/** One pass in progress: the open requests of a lane, and what has been found out about them. */
class Pass {
  readonly #deps: RequestPassDeps;
  readonly #held: HeldLane;
  #policy: AdmissionPolicy;
  readonly #notes: AuditNotes;
  readonly #isOurs = new Map<string, boolean>();
  readonly #foreseen = new Map<string, Foreseen>();
  readonly #delivered = new Map<string, string | null>();
  /** Done with in this pass: answered, or left to the next one. */
  readonly #settled = new Set<string>();
  /** The last message that could not be sent; `null` = all were. */
  #unsent: PassResult['failure'] = null;
  #rows: ReadonlyArray<RequestRow> = [];
  #standing: Standing | null = null;

  constructor(deps: RequestPassDeps, held: HeldLane) {
    this.#deps = deps;
    this.#held = held;
    this.#policy = { requests: deps.requestPolicy, bindings: deps.bindings, pairs: deps.pairs };
    this.#notes = new AuditNotes(deps, held);
  }

  async run(deadlineMs: number): Promise<PassResult> {
    try {
      this.#policy = { ...this.#policy, bindings: await this.#knownBindings() };
      this.#rows = await this.#deps.requests.open(this.#held.laneId);
      for (let turn = 0; turn < TURNS_MAX; turn++) {
        const isLate =
          this.#deps.ownClock.nowMs() >= deadlineMs || this.#deps.clock.nowMs() >= this.#held.leaseUntilMs;
        if (isLate) break;
        const plan = await this.#plan();
        if (!(await this.#apply(portionOf(plan)))) return this.#result(plan, this.#unsent);
      }
      return { ...this.#result(null, this.#unsent), isOutOfTime: true };
    } catch (error) {
      return this.#result(null, { error });
    }
  }

  /** All bindings, those on the target's load balancer with the ids of their declared groups. */
  async #knownBindings(): Promise<ReadonlyArray<Binding>> {
    const { bindings, declarations } = this.#deps;
    const target = targetOfLane(this.#held.laneId);
    const own = bindings.find(({ name }) => target?.of === 'binding' && name === target.name);
    const isNear = ({ loadBalancerId }: Binding) => loadBalancerId === own?.loadBalancerId;
    const known = await withKnownGroups(declarations, bindings.filter(isNear));
    return bindings.map((binding) => known.find(({ name }) => name === binding.name) ?? binding);
  }

  async #plan(): Promise<RequestsPlan> {
    const rows = this.#rows.filter((row) => !this.#settled.has(nameOf(keyOfRow(row))));
    if (rows.some(isFollowed)) this.#standing ??= await look(this.#deps, this.#policy, this.#held.laneId);
    const target = targetOfLane(this.#held.laneId);
    const binding = this.#deps.bindings.find(({ name }) => target?.of === 'binding' && name === target.name);
    return planRequests({
      rows,
      known: (row) => this.#knownOf(row),
      policy: this.#policy,
      needsApproval: binding?.needsApproval ?? false,
      nowMs: this.#deps.clock.nowMs(),
    });
  }

  #knownOf(row: RequestRow): Known {
    const name = nameOf(keyOfRow(row));
    return {
      hasId: this.#isOurs.get(name) ?? null,
      foreseen: this.#foreseen.get(name) ?? null,
      isDelivered: this.#delivered.get(name) === null,
      undeliverable: this.#delivered.get(name) ?? null,
      progress:
        isFollowed(row) && this.#standing !== null ? progressOf(row, this.#policy, this.#standing) : null,
    };
  }

  /** Does what the plan says; `false` = there was nothing to do. */
  async #apply(plan: RequestsPlan): Promise<boolean> {
    const { toTake, toForesee, toDeliver, toAnswer, changes } = plan;
    if (toTake.length > 0) {
      const ours = new Set((await this.#deps.requests.takeIds(toTake)).map(nameOf));
      for (const key of toTake) this.#isOurs.set(nameOf(key), ours.has(nameOf(key)));
    }
    if (toForesee.length > 0) {
      const nowMs = this.#deps.clock.nowMs();
      const foreseen = await foreseeRequests(this.#deps, this.#policy, toForesee, nowMs);
      for (const [name, each] of foreseen) this.#foreseen.set(name, each);
    }
    if (changes.length > 0) await this.#commit(changes);
    if (toDeliver.length > 0) {
      const delivered = await deliver(this.#deps, this.#policy, toDeliver);
      for (const [name, fault] of delivered) this.#delivered.set(name, fault);
      // What was read before knows nothing of what has just been delivered, which would look as if somebody had undone it.
      this.#standing = null;
    }
    if (toAnswer.length > 0) await this.#answer(toAnswer);
    return toTake.length + toForesee.length + toDeliver.length + toAnswer.length + changes.length > 0;
  }

  /** Writes the changes; what another worker has written meanwhile is read again. */
  async #commit(planned: ReadonlyArray<RequestChange>): Promise<void> {
    // Before it is written that it waits: a notice too many is the same text, one too few would be silence.
    const waiting = planned.filter(({ action }) => action === 'request-planned').map(({ row }) => row);
    const told = new Set(await this.#send(waiting, approvalText));
    const changes = planned.filter(({ action, row }) => action !== 'request-planned' || told.has(row));
    const { fence } = this.#held;
    const written = await mapBounded(changes, AT_ONCE, async (change) => {
      const row = await withCalls(this.#deps, this.#policy, change.row);
      this.#note({ ...change, row });
      return {
        row: { ...row, revision: change.expectedRevision + 1, fence },
        expectedRevision: change.expectedRevision,
      };
    });
    const { refused } = await this.#deps.requests.commit({
      fence,
      changes: written,
      audit: this.#notes.entries,
    });
    this.#notes.clear();
    if (refused.length > 0) {
      this.#rows = await this.#deps.requests.open(this.#held.laneId);
      return;
    }
    const after = new Map(written.map(({ row }) => [nameOf(keyOfRow(row)), row]));
    this.#rows = this.#rows.map((row) => after.get(nameOf(keyOfRow(row))) ?? row);
  }

  #note({ row, action, reason }: RequestChange): void {
    if (action === null) return;
    const { requestId, requestedBy, change, reason: why } = row.request;
    const { planHash, payloadHash } = row;
    this.#notes.note(requestSubject(requestId), action, reason, [], {
      requestedBy,
      change,
      why,
      planHash,
      payloadHash,
    });
  }

  async #answer(rows: ReadonlyArray<RequestRow>): Promise<void> {
    const told = await this.#send(rows, resultText);
    await this.#deps.requests.close(this.#held.laneId, told.map(keyOfRow));
    for (const row of told) this.#settled.add(nameOf(keyOfRow(row)));
  }

  /** Returns those whose message was sent. The others are left to the next pass: what nobody reads must not stop the work. */
  async #send(
    rows: ReadonlyArray<RequestRow>,
    textOf: (row: RequestRow) => string,
  ): Promise<ReadonlyArray<RequestRow>> {
    const sent = await mapBounded(rows, AT_ONCE, async (row) => {
      try {
        await this.#deps.results.send(textOf(row));
        return [row];
      } catch (error) {
        this.#unsent = { error };
        this.#settled.add(nameOf(keyOfRow(row)));
        return [];
      }
    });
    return sent.flat();
  }

  #result(plan: RequestsPlan | null, failure: PassResult['failure']): PassResult {
    const { nextLookMs = null, waitingFor = null } = plan ?? {};
    return { writes: 0, nextLookMs, waitingFor, isOutOfTime: false, failure, notes: this.#held.notes };
  }
}

function isFollowed({ phase }: RequestRow): boolean {
  return phase === 'in-progress';
}
