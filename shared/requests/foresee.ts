import type { Binding } from '../config/binding.ts';
import { RejectedError, TransientError } from '../errors.ts';
import { canonicalHash, canonicalText } from '../events/json.ts';
import { maySelect } from '../instances/selection.ts';
import { NO_NOTES } from '../lanes/model.ts';
import type { LoadBalancerGateway } from '../load-balancers/ports.ts';
import { type ForeseeDeps, foreseeChange } from '../pairs/foresee.ts';
import type { PairGateway, PairStore } from '../pairs/ports.ts';
import { type ForeseeLaneDeps, foreseeLane } from '../server-groups/foresee.ts';
import { backendId, type LanePlan } from '../server-groups/model.ts';
import { type ObserveDeps, observeLane } from '../server-groups/observe.ts';
import type { AdmissionPolicy } from './admission.ts';
import { type BegunChange, backendsOf, begunChange, entriesOf } from './effects/backends.ts';
import { isAboutPair, orderOf } from './effects/pairs.ts';
import type { PlannedStep, RequestPlan, RequestRow } from './model.ts';
import type { Foreseen } from './turn.ts';

/** What foreseeing a request needs: only what reads. */
export interface ForeseeRequestDeps extends Omit<ForeseeLaneDeps, 'timing'>, ObserveDeps, ForeseeDeps {
  readonly loadBalancers: LoadBalancerGateway;
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly pairGroups: PairGateway;
}

/** What a request would do now. Throws nothing that the clouds do: a look that failed is an answer, too. */
export async function foreseeRequest(
  deps: ForeseeRequestDeps,
  { bindings, pairs }: AdmissionPolicy,
  row: RequestRow,
  nowMs: number,
): Promise<Foreseen> {
  const { change } = row.request;
  try {
    const begun = begunChange(row, nowMs);
    if (begun !== null) {
      const binding = bindings.find(({ name }) => name === begun.change.binding);
      return binding === undefined ? NOTHING : await foreseeBackends(deps, bindings, binding, begun, nowMs);
    }
    const pair = isAboutPair(change) ? pairs.find(({ name }) => name === change.pair) : undefined;
    if (pair === undefined || !isAboutPair(change)) return NOTHING;
    const { row: pairRow } = await deps.pairRows.read(pair.name);
    const order = orderOf(row.request, change, pairRow, nowMs);
    if (typeof order === 'string') return { kind: 'impossible', code: 'declined', reason: order };
    if (order.kind === 'pause') return known({ steps: [], held: [] });
    const { plan, steps } = await foreseeChange(deps, pair, { row: pairRow, orders: [order], signals: [] });
    const answer = plan.row.answers.find(({ orderId }) => orderId === order.orderId);
    if (answer?.outcome === 'refused') return { kind: 'impossible', code: 'declined', reason: answer.reason };
    const calls = steps.map((step): PlannedStep => {
      const { api, parameters } = deps.pairGroups.callOf(step);
      return { subject: pair.name, action: 'call', to: `${api} ${canonicalText(parameters)}` };
    });
    return known({ steps: calls, held: plan.row.held === null ? [] : [`${pair.name}: ${plan.row.held}`] });
  } catch (error) {
    if (error instanceof TransientError) return { kind: 'failed', reason: error.message };
    if (error instanceof RejectedError)
      return { kind: 'impossible', code: 'declined', reason: error.message };
    throw error;
  }
}

const NOTHING: Foreseen = {
  kind: 'impossible',
  code: 'unknown-target',
  reason: 'its target is not configured any more',
};

async function foreseeBackends(
  deps: ForeseeRequestDeps,
  all: ReadonlyArray<Binding>,
  binding: Binding,
  begun: BegunChange,
  nowMs: number,
): Promise<Foreseen> {
  const { loadBalancerId } = binding;
  const bindings = all.filter((each) => each.loadBalancerId === loadBalancerId);
  const seen = await observeLane(deps, loadBalancerId, bindings, begun.change.instances);
  const targets = backendsOf(begun.change, binding);
  const wrongPort =
    'ports' in begun.change
      ? begun.change.ports?.find((port) => !binding.ports.some((each) => each.port === port))
      : undefined;
  if (wrongPort !== undefined) {
    return { kind: 'impossible', code: 'not-a-member', reason: `${binding.name} has no port ${wrongPort}` };
  }
  const recorded = new Set(seen.rows.map(({ serverId }) => serverId));
  const stranger = begun.change.instances.find((id) => {
    const instance = seen.instances.present.get(id);
    if (begun.change.kind === 'join') return instance === undefined && !recorded.has(id);
    return !recorded.has(id) && !(instance !== undefined && maySelect(instance, binding));
  });
  if (stranger !== undefined) {
    const why =
      begun.change.kind === 'join' ? 'ECS does not list it' : `${binding.name} neither has it nor selects it`;
    return { kind: 'impossible', code: 'not-a-member', reason: `${stranger}: ${why}` };
  }
  // Nothing that passes may be in the plan: neither what waits for company nor what was written a moment ago.
  const untimed = { ...deps, timing: { ...deps.timing, gatherMs: 0 } };
  const signals = entriesOf(begun, binding).map(({ signal }) => signal);
  const plan = await foreseeLane(
    untimed,
    { loadBalancerId, bindings, notes: NO_NOTES },
    seen,
    signals,
    nowMs,
  );
  return known(planOf(plan, binding, begun, new Set(targets.map(backendId))));
}

/** What of a lane's plan is about the targets, and what follows the first step of a drain by itself. */
function planOf(
  plan: LanePlan,
  binding: Binding,
  { change }: BegunChange,
  targets: ReadonlySet<string>,
): RequestPlan {
  const steps = plan.steps.flatMap(({ kind, backends }) =>
    backends
      .filter((backend) => targets.has(backendId(backend)))
      .flatMap((backend): ReadonlyArray<PlannedStep> => {
        const subject = backendId(backend);
        const first: PlannedStep = {
          subject,
          action: kind,
          to: kind === 'remove' ? '' : `weight ${backend.weight}`,
        };
        const isDrain = kind === 'set-weight' && backend.weight === 0 && change.kind !== 'set-weight';
        const then: PlannedStep = {
          subject,
          action: 'remove',
          to: `after ${binding.drain.timeMs / 1_000} s`,
        };
        return isDrain ? [first, then] : [first];
      }),
  );
  const rows = plan.changes.filter(({ kind, row }) => kind === 'put' && targets.has(backendId(row)));
  const keptOut = rows
    .filter(({ row }) => row.phase === 'removed')
    .map(({ row }): PlannedStep => ({ subject: backendId(row), action: 'keep-out', to: row.cause ?? '' }));
  const held = rows.flatMap(({ row }) => (row.held === null ? [] : [`${backendId(row)}: ${row.held.by}`]));
  return { steps: [...steps, ...keptOut].sort(bySubject), held: held.sort() };
}

function known(plan: RequestPlan): Foreseen {
  return { kind: 'plan', plan, hash: canonicalHash(plan) };
}

function bySubject(a: PlannedStep, b: PlannedStep): number {
  if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1;
  return a.action < b.action ? 1 : -1;
}
