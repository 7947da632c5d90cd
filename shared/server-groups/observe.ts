import { allOrFailure, mapBounded, nullWhen } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import { isUnknownGroupId } from '../config/group.ts';
import { SERVER_ID } from '../config/schema-parts.ts';
import { type Memberships, observeMemberships } from '../instances/memberships.ts';
import type { Instance, InstanceObservation } from '../instances/model.ts';
import { observeInstances } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { ObservedLoadBalancer } from '../load-balancers/model.ts';
import type { LoadBalancerGateway } from '../load-balancers/ports.ts';
import type { ScalingGateway } from '../scaling/ports.ts';
import type { BackendRow } from './backend/record.ts';
import { MissingGroupError } from './errors.ts';
import type { ObservedGroup } from './model.ts';
import type { BackendStore, ServerGroupGateway } from './ports.ts';

/** What a lane's groups, records and instances looked like. Complete, or it does not exist. */
export interface LaneObservation {
  readonly groups: ReadonlyMap<string, ObservedGroup | null>;
  readonly instances: InstanceObservation;
  readonly loadBalancer: ObservedLoadBalancer;
  readonly rows: ReadonlyArray<BackendRow>;
  /** When the first read began: everything seen is at least as young. */
  readonly readAtMs: number;
}

/** What was read of instances already, and is not asked again. */
export interface ReadInstances {
  /** Of every scaling group that the bindings select by. */
  readonly memberships: Memberships;
  /** As the clouds listed them. */
  readonly instances: ReadonlyArray<Instance>;
  /** When the first of these reads began. */
  readonly readAtMs: number;
}

/** What observing needs: only what reads. */
export interface ObserveDeps {
  readonly groups: Pick<ServerGroupGateway, 'describe'>;
  readonly loadBalancers: LoadBalancerGateway;
  readonly instances: InstanceGateway;
  readonly scaling: Pick<ScalingGateway, 'instances'>;
  readonly backends: Pick<BackendStore, 'readGroups'>;
  readonly clock: { nowMs(): number };
}

const GROUPS_AT_ONCE = 4;

/**
 * Reads the groups of the bindings, their records, the scaling groups that they select by, and every instance that is in
 * a group, has a record or was signalled; `known` is not asked for again. Any read that fails makes the whole observation
 * an error; only a group that SLB says does not exist is an answer.
 */
export async function observeLane(
  deps: ObserveDeps,
  loadBalancerId: string,
  bindings: ReadonlyArray<Binding>,
  signalledIds: ReadonlyArray<string>,
  known: ReadInstances | null = null,
): Promise<LaneObservation> {
  const readAtMs = Math.min(deps.clock.nowMs(), known?.readAtMs ?? Infinity);
  const vServerGroupIds = [...new Set(bindings.map(({ vServerGroupId }) => vServerGroupId))];
  const [rows, described, loadBalancer, memberships] = await allOrFailure([
    deps.backends.readGroups(vServerGroupIds),
    mapBounded(vServerGroupIds, GROUPS_AT_ONCE, (id) => describeOrMissing(deps.groups, id)),
    deps.loadBalancers.describe(loadBalancerId),
    known === null ? observeMemberships(deps.scaling, bindings) : Promise.resolve(known.memberships),
  ]);
  const groups = new Map(vServerGroupIds.map((id, index) => [id, described[index] ?? null]));
  const listed = described.flatMap((group) => group?.backends ?? []);
  const serverIds = [...rows, ...listed].map(({ serverId }) => serverId);
  const instances = await observeInstances(
    deps.instances,
    [...signalledIds, ...serverIds].filter((id) => SERVER_ID.test(id)),
    memberships,
    known?.instances,
  );
  return { groups, instances, loadBalancer, rows, readAtMs };
}

/**
 * The group as SLB describes it; `null` = SLB says that it does not exist, or it is a declared one that nobody has made yet.
 * Throws as the gateway does otherwise.
 */
export async function describeOrMissing(
  gateway: Pick<ServerGroupGateway, 'describe'>,
  id: string,
): Promise<ObservedGroup | null> {
  if (isUnknownGroupId(id)) return null;
  return await nullWhen(MissingGroupError, gateway.describe(id));
}
