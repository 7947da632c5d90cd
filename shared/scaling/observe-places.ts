import type { InboxStore, MemberIndex } from '../acceptance/ports.ts';
import { allOrFailure, mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import { isUnknownGroupId } from '../config/group.ts';
import { weightOn } from '../config/weights.ts';
import type { DeclarationReader } from '../declarations/ports.ts';
import { withKnownGroups } from '../declarations/resolve.ts';
import { namesPortOf } from '../instances/backend-type.ts';
import type { LifecycleState } from '../instances/model.ts';
import { observeInstances } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import { isSelected, maySelect } from '../instances/selection.ts';
import type { BackendRow } from '../server-groups/backend/record.ts';
import type { ObservedBackend, ObservedGroup } from '../server-groups/model.ts';
import { describeOrMissing } from '../server-groups/observe.ts';
import type { BackendStore, ServerGroupGateway } from '../server-groups/ports.ts';
import type { ScalingInput } from './model.ts';
import { listedOf, type Place, policyOf, recordOf } from './places.ts';

/** What finding places needs. */
export interface PlaceDeps {
  readonly members: MemberIndex;
  readonly instances: Pick<InstanceGateway, 'describe' | 'provePermission'>;
  readonly backends: Pick<BackendStore, 'readGroups'>;
  readonly groups: Pick<ServerGroupGateway, 'describe'>;
  readonly inbox: Pick<InboxStore, 'read'>;
  readonly bindings: ReadonlyArray<Binding>;
  readonly declarations: DeclarationReader;
}

const GROUPS_AT_ONCE = 4;

/** Finds every place where the instances are, or are to be, backends, and what is on its way to them. */
export async function observePlaces(
  deps: PlaceDeps,
  scalingGroupId: string,
  instanceIds: ReadonlyArray<string>,
  states: ReadonlyMap<string, LifecycleState>,
): Promise<Pick<ScalingInput, 'places' | 'unhandled' | 'unseen'>> {
  if (instanceIds.length === 0) return { places: new Map(), unhandled: new Set(), unseen: new Set() };
  const memberships = new Map([...states].map(([id, state]) => [id, { scalingGroupId, state }]));
  const [lanesOf, { present: instances }] = await allOrFailure([
    deps.members.lanesOf(instanceIds),
    observeInstances(deps.instances, instanceIds, memberships),
  ]);
  const concerns = (binding: Binding, id: string) => {
    const instance = instances.get(id);
    const isMember = lanesOf.get(id)?.has(binding.loadBalancerId) === true;
    return isMember || (instance !== undefined && maySelect(instance, binding));
  };
  const concerned = deps.bindings.filter((binding) => instanceIds.some((id) => concerns(binding, id)));
  // Nobody waits for a group that has been written down and not been made yet.
  const bindings = (await withKnownGroups(deps.declarations, concerned)).filter(
    ({ vServerGroupId }) => !isUnknownGroupId(vServerGroupId),
  );
  const laneIds = [...new Set(bindings.map(({ loadBalancerId }) => loadBalancerId))];
  const groupIds = [...new Set(bindings.map(({ vServerGroupId }) => vServerGroupId))];
  const [rows, groups, inboxes] = await allOrFailure([
    deps.backends.readGroups(groupIds),
    mapBounded(groupIds, GROUPS_AT_ONCE, (id) => describeOrMissing(deps.groups, id)),
    mapBounded(laneIds, GROUPS_AT_ONCE, (id) => deps.inbox.read(id)),
  ]);
  const known = new Known(
    rows,
    groups.flatMap((group) => group ?? []),
  );
  const placesOf = (id: string) => {
    const instance = instances.get(id) ?? null;
    const bound = bindings
      .filter((binding) => concerns(binding, id))
      .flatMap((binding) =>
        binding.ports.map((ofPort): Place => {
          const { port } = ofPort;
          const isWanted = instance !== null && isSelected(instance, binding);
          const policy = policyOf(binding, weightOn(ofPort, id, instance)?.weight ?? ofPort.weight);
          const found = known.at(binding.vServerGroupId, id, port);
          return { ...found, laneId: binding.loadBalancerId, isWanted, policy };
        }),
      );
    return [...bound, ...known.unbound(id, bindings)];
  };
  return {
    places: new Map(instanceIds.map((id) => [id, placesOf(id)])),
    unseen: new Set(instanceIds.filter((id) => !instances.has(id))),
    unhandled: new Set(
      laneIds.flatMap((laneId, index) => (inboxes[index] ?? []).map(({ key }) => `${laneId} ${key}`)),
    ),
  };
}

/** What records and groups say, by place. */
class Known {
  readonly #rows: ReadonlyMap<string, BackendRow>;
  readonly #backends: ReadonlyMap<string, ObservedBackend>;

  constructor(rows: ReadonlyArray<BackendRow>, groups: ReadonlyArray<ObservedGroup>) {
    this.#rows = new Map(rows.map((row) => [placeKey(row), row]));
    this.#backends = new Map(
      groups.flatMap(({ backends }) => backends).map((backend) => [placeKey(backend), backend]),
    );
  }

  at(vServerGroupId: string, serverId: string, port: number) {
    const key = placeKey({ vServerGroupId, serverId, port });
    const row = this.#rows.get(key);
    const backend = this.#backends.get(key);
    return {
      vServerGroupId,
      port,
      record: row === undefined ? null : recordOf(row),
      backend: backend === undefined ? null : listedOf(backend),
    };
  }

  /** Records on ports that no binding names any more. */
  unbound(serverId: string, bindings: ReadonlyArray<Binding>): ReadonlyArray<Place> {
    return [...this.#rows.values()].flatMap(({ serverId: id, vServerGroupId, port, binding, fullWeight }) => {
      if (id !== serverId) return [];
      const ofGroup = bindings.filter((binding) => binding.vServerGroupId === vServerGroupId);
      const isBound = ofGroup.some((binding) => namesPortOf(binding, { serverId, port }));
      const laneId = ofGroup[0]?.loadBalancerId;
      if (isBound || laneId === undefined) return [];
      // It is drained as its binding says even on a port that this has left.
      const named = ofGroup.find(({ name }) => name === binding);
      const policy = named === undefined ? null : policyOf(named, fullWeight ?? 0);
      return [{ ...this.at(vServerGroupId, id, port), laneId, isWanted: false, policy }];
    });
  }
}

function placeKey({
  vServerGroupId,
  serverId,
  port,
}: Pick<BackendRow, 'vServerGroupId' | 'serverId' | 'port'>): string {
  return `${vServerGroupId} ${serverId}:${port}`;
}
