import { chunksOf } from '../../../shared/collections.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import { newRow } from '../../../shared/server-groups/backend/record.ts';
import { BACKENDS_PER_CALL, markOf } from '../../../shared/server-groups/model.ts';
import type { VirtualStage } from './stage.ts';

const FULL_WEIGHT = 100;

/**
 * Puts Running instances into the binding's group as if the product had brought them in long ago: at their full weight, with
 * our mark and a record each. The way there would take a big fleet half an hour.
 */
export async function putInService(
  { clouds, person }: Pick<VirtualStage, 'clouds' | 'person'>,
  { name, loadBalancerId, vServerGroupId, ports }: Binding,
  instanceIds: ReadonlyArray<string>,
): Promise<void> {
  const port = ports[0]?.port ?? 0;
  const { backends } = person();
  const { slb } = clouds;
  const seeded = instanceIds.map((serverId) => ({
    serverId,
    port,
    weight: FULL_WEIGHT,
    description: markOf(name),
  }));
  slb.seedLoadBalancer({ loadBalancerId });
  slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name, backends: seeded });
  for (const ids of chunksOf(instanceIds, BACKENDS_PER_CALL)) {
    const changes = ids.map((serverId) => {
      const row = newRow({ vServerGroupId, serverId, port, serverIp: null }, name, 'in-service');
      const known = { confirmedWeight: FULL_WEIGHT, revision: 1, fence: 1 };
      return { kind: 'put', row: { ...row, ...known }, expectedRevision: null } as const;
    });
    const { refused } = await backends.commit({
      loadBalancerId,
      fence: 1,
      changes,
      departed: [],
      audit: [],
    });
    if (refused.length > 0) throw new Error(`${refused.length} records were refused`);
  }
}
