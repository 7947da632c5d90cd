import type { Binding } from '../../config/binding.ts';
import { weightBy } from '../../config/weights.ts';
import { canonicalHash } from '../../events/json.ts';
import { cloudOf, typeOfServer } from '../../instances/backend-type.ts';
import type { InstanceObservation } from '../../instances/model.ts';
import { isSelected, maySelect } from '../../instances/selection.ts';
import { NO_NOTES } from '../../lanes/model.ts';
import { type ForeseeLaneDeps, foreseeLane } from '../../server-groups/foresee.ts';
import {
  type BackendIdentity,
  backendId,
  backendKey,
  isMarked,
  type LanePlan,
} from '../../server-groups/model.ts';
import type { LaneObservation } from '../../server-groups/observe.ts';
import { ALL_INSTANCES, type BackendChange } from '../document.ts';
import type { PlannedStep, RequestPlan } from '../model.ts';
import type { Foreseen } from '../turn.ts';
import { type BegunChange, entriesOf, isAboutBackend, weightsByOf } from './backends.ts';

/** Steps that a plan may have: it stands in the request's row up to three times, in a column of 2 MB at most. */
export const STEPS_MAX = 1_000;

/** What a change of backends would do now, by what was seen of its load balancer and of all instances that it names. */
export async function foreseeBackends(
  deps: ForeseeLaneDeps,
  bindings: ReadonlyArray<Binding>,
  binding: Binding,
  begun: BegunChange,
  seen: LaneObservation,
  nowMs: number,
): Promise<Foreseen> {
  const stranger = strangerIn(begun, binding, seen);
  if (stranger !== null) return { kind: 'impossible', code: 'not-a-member', reason: stranger };
  const signals = entriesOf(begun, binding).map(({ signal }) => signal);
  // What was written a moment ago passes, and must not be in the plan.
  const lane = { loadBalancerId: binding.loadBalancerId, bindings, notes: NO_NOTES };
  const isTarget = isAboutBackend(begun.change, binding, seen.rows);
  const plan = planOf(await foreseeLane(deps, lane, seen, signals, nowMs), binding, begun, isTarget);
  if (plan.steps.length > STEPS_MAX) {
    const reason = `it comes to ${plan.steps.length} steps, at most ${STEPS_MAX} are allowed: ask in parts`;
    return { kind: 'impossible', code: 'declined', reason };
  }
  return foreseenPlan(plan);
}

/** A plan with its hash. */
export function foreseenPlan(plan: RequestPlan): Foreseen {
  return { kind: 'plan', plan, hash: canonicalHash(plan) };
}

/** The first thing that a change names and that is not the binding's, with why; `null` = all is. */
function strangerIn(
  { change }: BegunChange,
  binding: Binding,
  { rows, groups, instances }: LaneObservation,
): string | null {
  const ports = 'ports' in change ? (change.ports ?? []) : [];
  const wrongPort = ports.find((port) => !binding.ports.some((each) => each.port === port));
  if (wrongPort !== undefined) return `${binding.name} has no port ${wrongPort}`;
  const isTheBindings = ({ vServerGroupId, port }: { vServerGroupId: string; port: number }) =>
    vServerGroupId === binding.vServerGroupId && binding.ports.some((each) => each.port === port);
  const recorded = new Set(rows.filter(isTheBindings).map(({ serverId }) => serverId));
  const isAsked = isAboutBackend(change, binding, rows);
  const named = change.instances === ALL_INSTANCES ? null : change.instances;
  const servers = new Set(named ?? rows.filter(isAsked).map(({ serverId }) => serverId));
  if (servers.size === 0) return `${binding.name} has nobody in its group`;
  const unmatched = unmatchedIn(change, binding, servers, instances);
  if (unmatched !== null) return unmatched;
  const isOfType = (id: string) => typeOfServer(id) === binding.type;
  const unknown = named?.find((id) => {
    const instance = instances.present.get(id);
    if (change.kind === 'join') return !isOfType(id) || (instance === undefined && !recorded.has(id));
    return !recorded.has(id) && !(instance !== undefined && maySelect(instance, binding));
  });
  if (unknown !== undefined) {
    const isJoin = change.kind === 'join';
    if (!isOfType(unknown)) return `${unknown}: the backends of ${binding.name} are of type ${binding.type}`;
    return `${unknown}: ${isJoin ? `${cloudOf(unknown)} does not list it` : `${binding.name} neither has it nor selects it`}`;
  }
  const kept = new Set(rows.map(backendId));
  const theirs = groups.get(binding.vServerGroupId)?.backends.find((backend) => {
    const instance = instances.present.get(backend.serverId);
    const isAdopted = binding.adopt && instance !== undefined && isSelected(instance, binding);
    const id = backendId(backend);
    return isAsked(backend) && !kept.has(id) && !isMarked(backend) && !isAdopted;
  });
  if (theirs === undefined) return null;
  // The engine leaves it alone, so nothing of what is asked for would ever come to pass.
  return `${backendKey(theirs)}: somebody else has put it into the group`;
}

/** What of the weights of a change is about none of its backends; `null` = all is in order. */
function unmatchedIn(
  change: BackendChange,
  { name, type }: Binding,
  servers: ReadonlySet<string>,
  { present }: InstanceObservation,
): string | null {
  if (change.kind !== 'set-weight' || change.weights === undefined) return null;
  const by = weightsByOf(change.weights);
  if (type !== 'ecs' && by.byInstanceType !== undefined) {
    return `weights by instance type: the backends of ${name} are of type ${type}, which has none`;
  }
  const stranger = Object.keys(by.byInstance ?? {}).find((id) => !servers.has(id));
  if (stranger !== undefined)
    return `${stranger}: it has a weight, and is none of those that the request is about`;
  const isAny = [...servers].some((id) => {
    const found = weightBy(by, id, present.get(id) ?? null);
    return found !== null && found !== 'unknown';
  });
  return isAny || change.weight !== undefined
    ? null
    : 'none of its instances is of these instance types and zones';
}

/** What of a lane's plan is about the targets, and what follows the first step of a drain by itself. */
function planOf(
  plan: LanePlan,
  binding: Binding,
  { change }: BegunChange,
  isTarget: (backend: BackendIdentity) => boolean,
): RequestPlan {
  const steps = plan.steps.flatMap(({ kind, backends }) =>
    backends.filter(isTarget).flatMap((backend): ReadonlyArray<PlannedStep> => {
      const subject = backendId(backend);
      const to = kind === 'remove' ? '' : `weight ${backend.weight}`;
      const first: PlannedStep = { subject, action: kind, to };
      const isDrain = kind === 'set-weight' && backend.weight === 0 && change.kind !== 'set-weight';
      if (!isDrain) return [first];
      return [first, { subject, action: 'remove', to: `after ${binding.drain.timeMs / 1_000} s` }];
    }),
  );
  const rows = plan.changes.filter(({ kind, row }) => kind === 'put' && isTarget(row));
  const keptOut = rows
    .filter(({ row }) => row.phase === 'removed')
    .map(({ row }): PlannedStep => ({ subject: backendId(row), action: 'keep-out', to: row.cause ?? '' }));
  const held = rows.flatMap(({ row }) => (row.held === null ? [] : [`${backendId(row)}: ${row.held.by}`]));
  return { steps: [...steps, ...keptOut].sort(bySubject), held: held.sort() };
}

function bySubject(a: PlannedStep, b: PlannedStep): number {
  if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1;
  return a.action < b.action ? 1 : -1;
}
