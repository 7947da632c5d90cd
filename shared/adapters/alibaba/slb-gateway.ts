import * as z from 'zod';
import { typeOfServer } from '../../instances/backend-type.ts';
import { MissingGroupError } from '../../server-groups/errors.ts';
import { type ObservedBackend, OPERATIONS, type Step } from '../../server-groups/model.ts';
import type { ServerGroupGateway } from '../../server-groups/ports.ts';
import { SLB_REFUSALS } from './refusals/slb.ts';
import type { RpcClient } from './rpc-client.ts';

/** The only version of the CLB API, and what its codes mean: for `createRpcClient`. */
export const SLB_API = { version: '2014-05-15', refusals: SLB_REFUSALS } as const;

const BackendSchema = z.object({
  ServerId: z.string(),
  Port: z.coerce.number(),
  Weight: z.coerce.number(),
  ServerIp: z.string().nullish(),
  Description: z.string().nullish(),
});

const BackendsSchema = z.object({
  RequestId: z.string(),
  BackendServers: z.object({ BackendServer: z.array(BackendSchema) }),
});

/** Some missing groups have been seen as an answer without an id. */
const GroupSchema = z.union([
  BackendsSchema.extend({ VServerGroupId: z.string().min(1), LoadBalancerId: z.string() }),
  z.object({ RequestId: z.string(), VServerGroupId: z.literal('').nullish() }),
]);

/**
 * vServer groups over the CLB API.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-setvservergroupattribute
 */
export function createSlbGateway(client: RpcClient, clock: { nowMs(): number }): ServerGroupGateway {
  return {
    async describe(vServerGroupId) {
      const readAtMs = clock.nowMs();
      const parameters = { VServerGroupId: vServerGroupId };
      const group = await client.call('DescribeVServerGroupAttribute', 'read', parameters, GroupSchema);
      if (!('LoadBalancerId' in group)) {
        const origin = { api: 'DescribeVServerGroupAttribute', code: null, requestId: group.RequestId };
        throw new MissingGroupError('the vServer group does not exist', origin);
      }
      return {
        vServerGroupId,
        loadBalancerId: group.LoadBalancerId,
        backends: readBackends(vServerGroupId, group.BackendServers.BackendServer),
        readAtMs,
      };
    },
    async send(step) {
      const { vServerGroupId, kind } = step;
      const parameters = { VServerGroupId: vServerGroupId, BackendServers: writeBackends(step) };
      const answer = await client.call(OPERATIONS[kind], 'write', parameters, BackendsSchema);
      return {
        requestId: answer.RequestId,
        backends: readBackends(vServerGroupId, answer.BackendServers.BackendServer),
      };
    },
  };
}

/**
 * One parameter that holds a JSON array. Every Set sends the Description too, since leaving it out may clear it. What is not
 * of ECS is named with its Type and ServerIp, also to be removed.
 */
function writeBackends({ kind, backends }: Step): string {
  return JSON.stringify(
    backends.map(({ serverId, port, weight, description, serverIp }) => ({
      ServerId: serverId,
      Port: port,
      ...(kind === 'remove' ? {} : { Weight: weight, Description: description }),
      ...(typeOfServer(serverId) === 'ecs' ? {} : { Type: typeOfServer(serverId) }),
      ...(serverIp === null ? {} : { ServerIp: serverIp }),
    })),
  );
}

function readBackends(
  vServerGroupId: string,
  backends: ReadonlyArray<z.infer<typeof BackendSchema>>,
): ReadonlyArray<ObservedBackend> {
  return backends.map(({ ServerId, Port, Weight, ServerIp, Description }) => ({
    vServerGroupId,
    serverId: ServerId,
    port: Port,
    // ECS backends list their address too; it is part of the identity of the others only.
    serverIp: typeOfServer(ServerId) === 'ecs' ? null : ServerIp || null,
    weight: Weight,
    description: Description ?? '',
  }));
}
