import { backendSubject } from '../../audit/model.ts';
import type { Binding } from '../../config/binding.ts';
import { isUnknownGroupId } from '../../config/group.ts';
import { cloudOf, namesPortOf } from '../../instances/backend-type.ts';
import { isDue, isLeased } from '../../lanes/plan.ts';
import type { BackendRow } from '../../server-groups/backend/record.ts';
import { describePhase } from '../../server-groups/backend/words.ts';
import {
  type BackendIdentity,
  backendId,
  backendKey,
  type ObservedBackend,
  type Step,
  type StepBackend,
} from '../../server-groups/model.ts';
import { faultOf } from '../../server-groups/plan.ts';
import { instant, roughly } from '../../times.ts';
import type { LoadBalancerLook } from '../look.ts';
import { missingBackends } from '../plan.ts';
import {
  type CallOf,
  declarationLines,
  deletionLines,
  remarksOnDeclaration,
  unnamedCall,
} from './declaration.ts';
import { bySubject, type PlanLine, type PlanSection } from './model.ts';

/**
 * What a look has shown, for each binding of the load balancer. Of those in `deletes` it is told what becomes of their declared
 * groups. Pure.
 */
export function bindingSections(
  look: LoadBalancerLook,
  callOf: CallOf = unnamedCall,
  deletes: ReadonlySet<string> = NONE,
): ReadonlyArray<PlanSection> {
  const { bindings, seen, failure, declared } = look;
  const backends = backendsOf(look);
  return bindings.map((binding, index) => {
    const own = [...backends.values()].filter((backend) => ownerOf(backend, bindings) === binding);
    const lines = own.flatMap((backend) => lineOf(backend, look) ?? []);
    const { vServerGroupId } = binding;
    const isUnknown = isUnknownGroupId(vServerGroupId);
    const fault = isUnknown ? null : faultOf({ ...look, ...seen }, vServerGroupId);
    const group: ReadonlyArray<PlanLine> =
      fault === null ? [] : [{ kind: 'held', subject: vServerGroupId, by: 'group', reason: fault }];
    const declaration = declared.find((each) => each.binding.name === binding.name) ?? null;
    if (declaration !== null && deletes.has(binding.name)) {
      return { ...aboutBinding(binding), lines: deletionLines(declaration, callOf), failure };
    }
    return {
      ...aboutBinding(binding),
      // The calls about the group keep their order, and come before its members.
      lines: [
        ...(declaration === null ? [] : declarationLines(declaration, callOf)),
        ...[...group, ...lines].sort(bySubject),
      ],
      inService: own.filter((backend) => isInService(backend) && lineOf(backend, look) === null).length,
      strangers: own.filter(isStrangers).length,
      // What is so of the whole load balancer is said once.
      remarks: [
        ...(declaration === null ? [] : remarksOnDeclaration(declaration)),
        ...(isUnknown ? [] : remarksOnGroup(binding, fault, look)),
        ...(index === 0 ? remarksOn(look) : []),
      ],
      failure,
    };
  });
}

const NONE: ReadonlySet<string> = new Set();

/** A binding's section before anything is known. */
export function aboutBinding({ name, loadBalancerId, vServerGroupId, group }: Binding): PlanSection {
  const groupId = isUnknownGroupId(vServerGroupId) ? '' : ` ${vServerGroupId}`;
  const place = `${loadBalancerId}${groupId}${group === null ? '' : ` "${group.name}"`}`;
  return { of: 'binding', name, place, lines: [], inService: 0, strangers: 0, remarks: [], failure: null };
}

/** Everything that is known of one backend: as it is, as it would be, and what would be done. */
interface ForeseenBackend {
  readonly identity: BackendIdentity;
  readonly listed: ObservedBackend | null;
  readonly before: BackendRow | null;
  readonly after: BackendRow | null;
  readonly step: { readonly kind: Step['kind']; readonly to: StepBackend } | null;
  /** Why the binding's drift policy does not bring it in. */
  readonly unwanted: string | null;
}

function backendsOf({
  bindings,
  seen,
  plan,
  inbox,
  nowMs,
}: LoadBalancerLook): ReadonlyMap<string, ForeseenBackend> {
  const backends = new Map<string, ForeseenBackend>();
  const add = (identity: BackendIdentity, known: Partial<ForeseenBackend>) => {
    const id = backendId(identity);
    const nothing = { listed: null, before: null, after: null, step: null, unwanted: null };
    backends.set(id, { identity, ...nothing, ...backends.get(id), ...known });
  };
  for (const group of seen.groups.values()) {
    for (const listed of group?.backends ?? []) add(listed, { listed });
  }
  for (const row of seen.rows) add(row, { before: row, after: row });
  for (const { kind, row } of plan.changes) add(row, { after: kind === 'put' ? row : null });
  for (const { kind, backends: some } of plan.steps) for (const to of some) add(to, { step: { kind, to } });
  for (const { identity, held } of missingBackends(
    bindings,
    seen.instances.present.values(),
    seen.rows,
    inbox,
    nowMs,
  )) {
    if (held !== null) add(identity, { unwanted: held });
  }
  return backends;
}

/** The binding that a backend is told with: whose port it is, whose record it has, or the first of its group. */
function ownerOf(
  { identity, before, after }: ForeseenBackend,
  bindings: ReadonlyArray<Binding>,
): Binding | undefined {
  const inGroup = bindings.filter(({ vServerGroupId }) => vServerGroupId === identity.vServerGroupId);
  const named = after?.binding ?? before?.binding;
  return (
    inGroup.find((binding) => namesPortOf(binding, identity)) ??
    inGroup.find(({ name }) => name === named) ??
    inGroup[0]
  );
}

/** What is to be said of a backend; `null` = nothing: it is as it should be, or somebody else's. */
function lineOf(backend: ForeseenBackend, look: LoadBalancerLook): PlanLine | null {
  const { plan, seen } = look;
  const { identity, listed, before, after, step, unwanted } = backend;
  const subject = backendId(identity);
  if (step !== null) return { kind: 'change', subject, ...changeOf(backend, step) };
  const held = after?.held ?? null;
  if (held !== null) return { kind: 'held', subject, by: held.by, reason: held.reason };
  const own = plan.decisions.filter((decision) => decision.subject === backendSubject(subject));
  const reason = own.at(-1)?.reason ?? null;
  if (after !== null && own.some(({ action }) => action === 'adopted')) {
    const weight = `weight ${listed?.weight ?? 0}`;
    const text = `adopt at ${weight}`;
    return { kind: 'change', subject, action: 'adopt', from: weight, to: weight, text, reason: reason ?? '' };
  }
  if (after === null) {
    if (before !== null) return { kind: 'under-way', subject, reason: reason ?? 'its record is dropped' };
    if (unwanted === null || listed !== null) return null;
    const text = `it is Running, selected and not in the group; ${unwanted}`;
    return { kind: 'held', subject, by: 'drift', reason: text };
  }
  if (after.phase !== 'in-service') {
    const asks = plan.enquiries.some((enquiry) => backendId(enquiry.backend) === subject);
    return {
      kind: 'under-way',
      subject,
      reason: `${describePhase(after)}${asks ? '; it is asked next' : ''}`,
    };
  }
  if (reason !== null) return { kind: 'under-way', subject, reason };
  const left = leftPort(identity, after, look.bindings);
  if (left !== null) return { kind: 'under-way', subject, reason: left };
  const fault = faultOf({ ...look, ...seen }, identity.vServerGroupId);
  if (fault !== null) return { kind: 'under-way', subject, reason: `its group: ${fault}` };
  const { absentSinceMs } = after;
  if (absentSinceMs !== null) {
    const text = `${cloudOf(identity.serverId)} does not list its instance since ${instant(absentSinceMs)}, which is no proof yet`;
    return { kind: 'under-way', subject, reason: text };
  }
  const isSettled = listed !== null && listed.weight === after.confirmedWeight;
  return isSettled
    ? null
    : { kind: 'under-way', subject, reason: 'what was read may be older than our last write' };
}

/** What is said of a backend on a port that its binding has left; `null` = it has not. */
function leftPort(
  identity: BackendIdentity,
  row: BackendRow,
  bindings: ReadonlyArray<Binding>,
): string | null {
  const inGroup = bindings.filter(({ vServerGroupId }) => vServerGroupId === identity.vServerGroupId);
  if (inGroup.some((binding) => namesPortOf(binding, identity))) return null;
  const named = inGroup.find(({ name }) => name === row.binding);
  if (named === undefined) return null;
  return `stays until its server serves on ${named.ports.map((each) => `:${each.port}`).join(', ')}`;
}

type Change = Omit<Extract<PlanLine, { kind: 'change' }>, 'kind' | 'subject'>;

function changeOf(
  { listed, after }: ForeseenBackend,
  { kind, to: { weight, reason } }: NonNullable<ForeseenBackend['step']>,
): Change {
  const from = listed === null ? '' : `weight ${listed.weight}`;
  const to = `weight ${weight}`;
  switch (kind) {
    case 'add':
      return { action: 'add', from, to, text: `join at ${to}`, reason };
    case 'remove':
      return { action: 'remove', from, to: '', text: 'remove', reason };
    case 'set-weight': {
      // Only the description differs.
      const text = from === to ? `mark as ours, ${to}` : `${from} → ${weight}`;
      const isDrain = weight === 0 && after?.phase === 'draining';
      return isDrain
        ? { action: 'drain', from, to, text: `drain, ${text}`, reason }
        : { action: 'set-weight', from, to, text, reason };
    }
  }
}

function isInService({ after }: ForeseenBackend): boolean {
  return after?.phase === 'in-service';
}

function isStrangers({ listed, before, after, step }: ForeseenBackend): boolean {
  return listed !== null && before === null && after === null && step === null;
}

/** What nothing can be done about here, but somebody should know of the group. `fault` says already why it cannot be worked on. */
function remarksOnGroup(
  { name, vServerGroupId }: Binding,
  fault: string | null,
  { seen: { loadBalancer, rows } }: LoadBalancerLook,
): ReadonlyArray<string> {
  const { listeners, groupsOfRules } = loadBalancer;
  const isUsed =
    groupsOfRules.has(vServerGroupId) ||
    listeners.some((listener) => listener.vServerGroupId === vServerGroupId);
  const corrected = rows.filter((row) => row.binding === name && row.corrections > 0).map(backendKey);
  return [
    ...(isUsed || fault !== null ? [] : ['no listener and no forwarding rule uses the group']),
    ...(corrected.length === 0 ? [] : [`another writer has changed ${someOf(corrected)} back`]),
  ];
}

const NAMED_MAX = 5;

function someOf(names: ReadonlyArray<string>): string {
  const rest = names.length - NAMED_MAX;
  return [...names.slice(0, NAMED_MAX), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

function remarksOn({ lane, postponed, nowMs }: LoadBalancerLook): ReadonlyArray<string> {
  const { failures, failure } = lane.notes;
  const next = lane.nextWakeUpMs === null ? '' : `; next try at ${instant(lane.nextWakeUpMs)}`;
  const why = failure === undefined ? '' : `: ${failure}`;
  const words = failures === 1 ? 'the last pass failed' : `the last ${failures} passes failed`;
  return [
    ...(failures === 0 ? [] : [`${words}${why}${next}`]),
    ...(isLeased(lane, nowMs)
      ? [`a function works on it now, for ${roughly(lane.leaseUntilMs - nowMs)} more at most`]
      : []),
    ...(isDue(lane, nowMs) && !isLeased(lane, nowMs) ? ['a function is due to work on it'] : []),
    ...(postponed === 0 ? [] : [`${postponed} more to join come with later looks (drift.maxChanges)`]),
  ];
}
