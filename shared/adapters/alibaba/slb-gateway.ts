import * as z from 'zod';
import { RejectedError, TransientError } from '../../errors.ts';
import { typeOfServer } from '../../instances/backend-type.ts';
import { MissingGroupError, RefusedBackendError } from '../../server-groups/errors.ts';
import { type ObservedBackend, OPERATIONS, type Step } from '../../server-groups/model.ts';
import type { ServerGroupGateway } from '../../server-groups/ports.ts';
import { isOfOneBackend } from './errors.ts';
import type { RpcClient } from './rpc-client.ts';

/** `2014-05-15`, the only version of the CLB API. */
export const SLB_VERSION = '2014-05-15';

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
      const group = await client
        .call('DescribeVServerGroupAttribute', 'read', parameters, GroupSchema)
        .catch((error: unknown) => {
          throw asMissingGroup(error);
        });
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
      const answer = await client
        .call(OPERATIONS[kind], 'write', parameters, BackendsSchema)
        .catch((error: unknown) => {
          throw asRefusedBackend(asMissingGroup(error));
        });
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

/** The code of a missing group is shared with every bad parameter, so the message has to be looked at as well. */
function asMissingGroup(error: unknown): unknown {
  if (!(error instanceof RejectedError)) return error;
  const isMissing =
    error.origin.code === 'InvalidParameter' && /VServerGroupId does not exist/i.test(error.message);
  if (!isMissing && error.origin.code !== 'ResourceNotFound.VServerGroup') return error;
  return new MissingGroupError(error.message, error.origin, error);
}

function asRefusedBackend(error: unknown): unknown {
  if (!(error instanceof RejectedError || error instanceof TransientError)) return error;
  if (error instanceof MissingGroupError || !isOfOneBackend(error.origin.code)) return error;
  return new RefusedBackendError(error.message, error.origin, error);
}
