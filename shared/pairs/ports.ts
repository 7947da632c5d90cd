import type { AuditEntry } from '../audit/model.ts';
import type { PairListenerName } from '../config/pair.ts';
import type { ListedPairGroup, PairGroup, PairListener, PairStep } from './model.ts';
import type { PairOrder, PairRow } from './record.ts';

/** The groups of a load balancer, with the listeners that use each. */
export interface ListedPairGroups {
  readonly groups: ReadonlyArray<ListedPairGroup>;
  /** By group: the listeners that SLB says use it. */
  readonly users: ReadonlyMap<string, ReadonlyArray<PairListenerName>>;
}

/** What SLB must offer about primary/secondary groups. */
export interface PairGateway {
  /** Every group of a load balancer, without members (DescribeMasterSlaveServerGroups). Throws TransientError, RejectedError. */
  groups(loadBalancerId: string): Promise<ListedPairGroups>;
  /**
   * A group with its members (DescribeMasterSlaveServerGroupAttribute). Throws MissingPairGroupError, TransientError,
   * RejectedError.
   */
  describe(groupId: string): Promise<PairGroup>;
  /**
   * A listener with all its parameters (DescribeLoadBalancerTCPListenerAttribute and its UDP twin). Throws
   * MissingListenerError, TransientError, RejectedError.
   */
  listener(loadBalancerId: string, name: PairListenerName): Promise<PairListener>;
  /**
   * Sends one step. Throws TransientError (`unknown-outcome`: read before deciding anything), MissingPairGroupError,
   * MissingListenerError, GroupInUseError, RejectedError.
   */
  send(step: PairStep): Promise<PairAnswer>;
  /** The call that {@link send} would make, for people who want to see it first. */
  callOf(step: PairStep): PlannedCall;
}

/** The answer of a write. */
export interface PairAnswer {
  readonly requestId: string;
  /** Of a group that was created; `null` for every other step. */
  readonly groupId: string | null;
}

/** A call as it goes out, but for the region and what signs it. */
export interface PlannedCall {
  readonly api: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The table of pairs. */
export interface PairStore {
  /** The row of a pair and the orders that wait; `null` = nothing is recorded. Complete or an error. */
  read(name: string): Promise<{ readonly row: PairRow | null; readonly orders: ReadonlyArray<PairOrder> }>;
  /**
   * Writes the row, if its revision is as expected (`null` = there was none) and no higher fence has written it, together
   * with the audit entries. Members that are new are entered in the index of instances before this returns; those that
   * have left are taken out. `false` = refused. Throws TransientError.
   */
  commit(batch: PairCommit): Promise<boolean>;
  /** Takes orders out that the row has answered. */
  removeOrders(name: string, orderIds: ReadonlyArray<string>): Promise<void>;
}

/** What one commit writes. */
export interface PairCommit {
  readonly laneId: string;
  readonly row: PairRow;
  readonly expectedRevision: number | null;
  readonly joined: ReadonlyArray<string>;
  readonly departed: ReadonlyArray<string>;
  readonly audit: ReadonlyArray<AuditEntry>;
}

/** Where people put what they ask of a pair. */
export interface PairOrders {
  /** Write-once by the order's id. Throws TransientError. */
  put(name: string, order: PairOrder): Promise<void>;
}
