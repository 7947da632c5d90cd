import type { BackendType } from '../../config/binding.ts';
import { typeOfServer } from '../../instances/backend-type.ts';
import type { Instance, InstanceListing } from '../../instances/model.ts';
import type { InstanceGateway } from '../../instances/ports.ts';
import { createEciGateway } from './eci-gateway.ts';
import { createEcsGateway } from './ecs-gateway.ts';
import { createEniGateway } from './eni-gateway.ts';
import type { RpcClient } from './rpc-client.ts';

/** What of an {@link InstanceGateway} is asked about instances of one type. */
export interface TypeGateway {
  describe(instanceIds: ReadonlyArray<string>): Promise<ReadonlyArray<Instance>>;
  list(tags: Parameters<InstanceGateway['list']>[0]): Promise<InstanceListing>;
  provePermission(): Promise<void>;
}

/** Instances of every type, each over its own API. */
export function createInstanceGateway(clients: {
  readonly ecs: RpcClient;
  readonly eci: RpcClient;
}): InstanceGateway {
  const ecs = createEcsGateway(clients.ecs);
  const of: Readonly<Record<BackendType, TypeGateway>> = {
    ecs,
    eni: createEniGateway(clients.ecs),
    eci: createEciGateway(clients.eci),
  };
  return {
    async describe(instanceIds) {
      const [type = 'ecs', ...others] = new Set(instanceIds.map(typeOfServer));
      if (others.length > 0) throw new RangeError('one call is about instances of one type');
      return await of[type].describe(instanceIds);
    },
    list: (tags, type = 'ecs') => of[type].list(tags),
    openSystemEvents: ecs.openSystemEvents,
    provePermission: (type = 'ecs') => of[type].provePermission(),
  };
}
