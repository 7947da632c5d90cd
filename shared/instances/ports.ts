import type { BackendType } from '../config/binding.ts';
import type { Instance, InstanceListing, OpenSystemEvent } from './model.ts';

/** What ECS and ECI must offer. */
export interface InstanceGateway {
  /**
   * The instances of at most {@link IDS_PER_CALL} ids, all of one type, one page. Ids that the cloud does not know are left
   * out. An identity without permission gets an empty list, so emptiness proves nothing. Throws TransientError,
   * RejectedError.
   */
  describe(instanceIds: ReadonlyArray<string>): Promise<ReadonlyArray<Instance>>;
  /**
   * Every instance of the type, `ecs` unless said otherwise, that carries all of the tags, all pages or an error. Empty for
   * an identity without permission, like {@link describe}. Throws TransientError, RejectedError.
   */
  list(
    tags: ReadonlyArray<{ readonly key: string; readonly value: string }>,
    type?: BackendType,
  ): Promise<InstanceListing>;
  /**
   * The system events of any number of ECS instances that are not over, by instance: all of them or an error. Those that are
   * being carried out may be left out: the vendor's page speaks of the scheduled ones. Instances without an entry are
   * gone: whoever is left out of the answer, as everybody is without permission, is looked for with {@link describe},
   * and there, with {@link provePermission} where the answer is empty, nobody may be listed. Throws TransientError,
   * RejectedError.
   */
  openSystemEvents(
    instanceIds: ReadonlyArray<string>,
  ): Promise<ReadonlyMap<string, ReadonlyArray<OpenSystemEvent>>>;
  /**
   * Returns when this identity may list instances of the type, `ecs` unless said otherwise. Throws RejectedError when it may
   * not, TransientError, and UnprovenError when nothing tells, which ECS alone never leaves open.
   */
  provePermission(type?: BackendType): Promise<void>;
}

/**
 * Ids that one call takes: `InstanceIds` of DescribeInstances, `NetworkInterfaceId.N` of DescribeNetworkInterfaces,
 * `ContainerGroupIds` of DescribeContainerGroups.
 */
export const IDS_PER_CALL: Readonly<Record<BackendType, number>> = { ecs: 100, eni: 100, eci: 20 };
