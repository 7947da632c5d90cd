import type { EcsInstance, InstanceListing, OpenSystemEvent } from './model.ts';

/** What ECS must offer. */
export interface InstanceGateway {
  /**
   * The instances of at most {@link INSTANCES_PER_CALL} ids, one page. Ids that ECS does not know are left out. An
   * identity without permission gets an empty list, so emptiness proves nothing. Throws TransientError, RejectedError.
   */
  describe(instanceIds: ReadonlyArray<string>): Promise<ReadonlyArray<EcsInstance>>;
  /**
   * Every instance that carries all of the tags, all pages or an error. Empty for an identity without permission, like
   * {@link describe}. Throws TransientError, RejectedError.
   */
  list(tags: ReadonlyArray<{ readonly key: string; readonly value: string }>): Promise<InstanceListing>;
  /**
   * The system events of any number of instances that are not over, by instance: all of them or an error. Those that are
   * being carried out may be left out: the vendor's page speaks of the scheduled ones. Instances without an entry are
   * gone: whoever is left out of the answer, as everybody is without permission, is looked for with {@link describe},
   * and there, with {@link provePermission} where the answer is empty, nobody may be listed. Throws TransientError,
   * RejectedError.
   */
  openSystemEvents(
    instanceIds: ReadonlyArray<string>,
  ): Promise<ReadonlyMap<string, ReadonlyArray<OpenSystemEvent>>>;
  /** Returns when this identity may list instances; throws RejectedError when it may not. */
  provePermission(): Promise<void>;
}

/** `InstanceIds` of DescribeInstances takes up to 100. */
export const INSTANCES_PER_CALL = 100;
