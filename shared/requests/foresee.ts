import type { Binding } from '../config/binding.ts';
import { describeError, RejectedError, TransientError } from '../errors.ts';
import { canonicalText } from '../events/json.ts';
import type { BackendHealth } from '../load-balancers/model.ts';
import type { LoadBalancerGateway } from '../load-balancers/ports.ts';
import type { Logger } from '../logger.ts';
import { type ForeseeDeps, foreseeChange } from '../pairs/foresee.ts';
import type { PairGateway, PairStore } from '../pairs/ports.ts';
import type { ForeseeLaneDeps } from '../server-groups/foresee.ts';
import { type LaneObservation, type ObserveDeps, observeLane } from '../server-groups/observe.ts';
import type { AdmissionPolicy } from './admission.ts';
import { ALL_INSTANCES, type PairChange } from './document.ts';
import { begunChange } from './effects/backends.ts';
import { foreseeBackends, foreseenPlan } from './effects/foresee-backends.ts';
import { isAboutPair, orderOf } from './effects/pairs.ts';
import { keyOfRow, type PlannedStep, type RequestRow } from './model.ts';
import { nameOf } from './plan.ts';
import type { Foreseen } from './turn.ts';

/** What foreseeing requests needs: only what reads. */
export interface ForeseeRequestDeps extends Omit<ForeseeLaneDeps, 'timing'>, ObserveDeps, ForeseeDeps {
  readonly loadBalancers: LoadBalancerGateway;
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly pairGroups: PairGateway;
  readonly logger: Logger;
}

/**
 * What each of some requests of one lane would do now, by its name. The clouds are looked at once for all of them, however many
 * they are. Throws nothing: a look that failed is an answer, too, and one request's costs no other.
 */
export async function foreseeRequests(
  deps: ForeseeRequestDeps,
  policy: AdmissionPolicy,
  rows: ReadonlyArray<RequestRow>,
  nowMs: number,
): Promise<ReadonlyMap<string, Foreseen>> {
  const seen = new Look(deps, policy, rows);
  const foreseen = new Map<string, Foreseen>();
  for (const row of rows) foreseen.set(nameOf(keyOfRow(row)), await foresee(deps, policy, seen, row, nowMs));
  return foreseen;
}

/** One look at a load balancer for all requests about it; made when the first of them asks, failed for all if it fails. */
class Look {
  readonly #deps: ForeseeRequestDeps;
  readonly #instanceIds: ReadonlyArray<string>;
  readonly #bindings: ReadonlyArray<Binding>;
  #observed: Promise<LaneObservation> | null = null;
  #health: Promise<ReadonlyArray<BackendHealth>> | null = null;

  constructor(deps: ForeseeRequestDeps, { bindings }: AdmissionPolicy, rows: ReadonlyArray<RequestRow>) {
    this.#deps = deps;
    this.#bindings = bindings;
    // All instances of a binding are in its group, which is looked at anyway.
    const named = rows.flatMap((row) => {
      const instances = begunChange(row, 0)?.change.instances ?? [];
      return instances === ALL_INSTANCES ? [] : instances;
    });
    this.#instanceIds = [...new Set(named)];
  }

  bindingsOf(loadBalancerId: string): ReadonlyArray<Binding> {
    return this.#bindings.filter((each) => each.loadBalancerId === loadBalancerId);
  }

  async observation(loadBalancerId: string): Promise<LaneObservation> {
    const bindings = this.bindingsOf(loadBalancerId);
    this.#observed ??= observeLane(this.#deps, loadBalancerId, bindings, this.#instanceIds);
    return await this.#observed;
  }

  async health(loadBalancerId: string): Promise<ReadonlyArray<BackendHealth>> {
    this.#health ??= this.#deps.loadBalancers.health(loadBalancerId);
    return await this.#health;
  }
}

async function foresee(
  deps: ForeseeRequestDeps,
  { bindings, pairs }: AdmissionPolicy,
  look: Look,
  row: RequestRow,
  nowMs: number,
): Promise<Foreseen> {
  const { change } = row.request;
  try {
    const begun = begunChange(row, nowMs);
    if (begun !== null) {
      const binding = bindings.find(({ name }) => name === begun.change.binding);
      if (binding === undefined) return NOTHING;
      const { loadBalancerId } = binding;
      const all = look.bindingsOf(loadBalancerId);
      const seen = await look.observation(loadBalancerId);
      return await foreseeBackends({ ...deps, loadBalancers: look }, all, binding, begun, seen, nowMs);
    }
    const pair = isAboutPair(change) ? pairs.find(({ name }) => name === change.pair) : undefined;
    if (pair === undefined || !isAboutPair(change)) return NOTHING;
    return await foreseePair(deps, pair, row, change, nowMs);
  } catch (error) {
    if (error instanceof RejectedError)
      return { kind: 'impossible', code: 'declined', reason: describeError(error) };
    // A defect that one request brings to light must not keep the others of its lane from being carried out.
    if (!(error instanceof TransientError))
      deps.logger.error({ requestId: row.request.requestId }, `not foreseen: ${describeError(error)}`);
    return { kind: 'failed', reason: describeError(error) };
  }
}

async function foreseePair(
  deps: ForeseeRequestDeps,
  pair: AdmissionPolicy['pairs'][number],
  { request }: RequestRow,
  change: PairChange,
  nowMs: number,
): Promise<Foreseen> {
  const { row } = await deps.pairRows.read(pair.name);
  const order = orderOf(request, change, row, nowMs);
  if (typeof order === 'string') return { kind: 'impossible', code: 'declined', reason: order };
  if (order.kind === 'pause') return foreseenPlan({ steps: [], held: [] });
  const { plan, steps } = await foreseeChange(deps, pair, { row, orders: [order], signals: [] });
  const answer = plan.row.answers.find(({ orderId }) => orderId === order.orderId);
  if (answer?.outcome === 'refused') return { kind: 'impossible', code: 'declined', reason: answer.reason };
  const calls = steps.map((step): PlannedStep => {
    const { api, parameters } = deps.pairGroups.callOf(step);
    return { subject: pair.name, action: 'call', to: `${api} ${canonicalText(parameters)}` };
  });
  return foreseenPlan({
    steps: calls,
    held: plan.row.held === null ? [] : [`${pair.name}: ${plan.row.held}`],
  });
}

const NOTHING: Foreseen = {
  kind: 'impossible',
  code: 'unknown-target',
  reason: 'its target is not configured any more',
};
