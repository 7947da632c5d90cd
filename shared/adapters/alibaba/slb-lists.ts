import * as z from 'zod';
import type { Tag } from '../../config/tags.ts';
import type { ListedListener } from '../../declarations/model.ts';
import { describeListeners } from './listeners.ts';
import type { RpcClient } from './rpc-client.ts';

/** Tags as answers have them. */
export const TagsSchema = z
  .object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string().nullish() })) })
  .nullish();

/** What they say. */
export function tagsOf(tags: z.infer<typeof TagsSchema>): ReadonlyArray<Tag> {
  return (tags?.Tag ?? []).map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue ?? '' }));
}

/** Every listener of a load balancer, and where it sends what no rule takes. */
export async function listListeners(
  client: RpcClient,
  loadBalancerId: string,
): Promise<ReadonlyArray<ListedListener>> {
  const listeners = await describeListeners(client, loadBalancerId);
  return listeners.map(({ ListenerProtocol: protocol, ListenerPort: port, ...wire }) => {
    // The id of a pair hides in the settings of the protocol.
    const pairId = (wire.TCPListenerConfig ?? wire.UDPListenerConfig)?.MasterSlaveServerGroupId;
    if (wire.VServerGroupId) {
      return { protocol, port, target: { kind: 'vserver-group', groupId: wire.VServerGroupId } };
    }
    return { protocol, port, target: pairId ? { kind: 'pair', groupId: pairId } : { kind: 'default' } };
  });
}
