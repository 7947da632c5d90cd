import type { EcsInstance, InstanceListing } from './model.ts';

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
  /** Returns when this identity may list instances; throws RejectedError when it may not. */
  provePermission(): Promise<void>;
}

/** `InstanceIds` of DescribeInstances takes up to 100. */
export const INSTANCES_PER_CALL = 100;
