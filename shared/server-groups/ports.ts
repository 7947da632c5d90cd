import type { AuditEntry } from '../audit/model.ts';
import type { BackendRow } from './backend/record.ts';
import type { ObservedBackend, ObservedGroup, RowChange, Step } from './model.ts';

/** What SLB must offer. All calls are absolute: a repeat with the same values changes nothing. */
export interface ServerGroupGateway {
  /**
   * The whole group (DescribeVServerGroupAttribute). Throws MissingGroupError, TransientError, RejectedError.
   */
  describe(vServerGroupId: string): Promise<ObservedGroup>;
  /**
   * Sends one step (Add, Set or Remove) and returns what the answer lists together with the request id. Throws
   * TransientError (`unknown-outcome`: read the group before deciding anything), RefusedBackendError, RejectedError.
   */
  send(step: Step): Promise<WriteAnswer>;
}

/** The answer of a write: documented as the whole group after it, believed only for the backends it was about. */
export interface WriteAnswer {
  readonly requestId: string;
  readonly backends: ReadonlyArray<ObservedBackend>;
}

/** The table of backends, and the index from instances to lanes. */
export interface BackendStore {
  /** All rows of the groups; complete or an error. */
  readGroups(vServerGroupIds: ReadonlyArray<string>): Promise<ReadonlyArray<BackendRow>>;
  /**
   * Writes the rows, each only if its revision is as expected and no higher fence has written it, together with the
   * audit entries. An instance that gets a first row in the lane is entered in the index before this returns; one
   * that loses its last is taken out. Returns the changes that were refused. Throws TransientError.
   */
  commit(batch: CommitBatch): Promise<{ readonly refused: ReadonlyArray<RowChange> }>;
}

/** What one commit writes. */
export interface CommitBatch {
  readonly loadBalancerId: string;
  readonly fence: number;
  readonly changes: ReadonlyArray<RowChange>;
  /** Instances that have no row left in this lane after the changes. */
  readonly departed: ReadonlyArray<string>;
  readonly audit: ReadonlyArray<AuditEntry>;
}
