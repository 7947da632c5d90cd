import type { AuditEntry } from '../audit/model.ts';
import type { GroupListener } from '../config/group.ts';
import type { ListenerSettings } from '../pairs/model.ts';
import type { DeclarationStep, ObservedGroups } from './model.ts';
import type { DeclarationOrder, DeclarationRow } from './record.ts';

/** What SLB must offer about groups as a whole, and about who uses them. */
export interface DeclarationGateway {
  /**
   * All vServer groups of a load balancer with tags and users, its listeners, and the rules of these listeners
   * (DescribeVServerGroups, DescribeLoadBalancerAttribute, DescribeLoadBalancerListeners, DescribeRules). Every page or an
   * error. Throws TransientError, RejectedError.
   */
  observe(loadBalancerId: string, rulesOf: ReadonlyArray<GroupListener>): Promise<ObservedGroups>;
  /** The parameters of a listener; `null` = it does not exist. Throws TransientError, RejectedError. */
  settings(loadBalancerId: string, listener: GroupListener): Promise<ListenerSettings | null>;
  /**
   * Sends one step. Throws TransientError (`unknown-outcome`: read before deciding anything), MissingGroupError,
   * GroupInUseError, RejectedError.
   */
  send(step: DeclarationStep): Promise<DeclarationAnswer>;
  /** The call that {@link send} would make, for people who want to see it first. */
  callOf(step: DeclarationStep): {
    readonly api: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  };
}

/** The answer of a write. */
export interface DeclarationAnswer {
  readonly requestId: string;
  /** Of a group that was created; `null` for every other step. */
  readonly groupId: string | null;
}

/** What is recorded of the declared groups of one load balancer. */
export interface RecordedDeclarations {
  readonly rows: ReadonlyArray<DeclarationRow>;
  readonly orders: ReadonlyArray<DeclarationOrder>;
}

/** The table of declared groups, for whoever only reads it. */
export interface DeclarationReader {
  /** Complete or an error. Throws TransientError. */
  read(loadBalancerId: string): Promise<RecordedDeclarations>;
}

/** The table of declared groups. */
export interface DeclarationStore extends DeclarationReader {
  /**
   * Writes the row, if its revision is as expected (`null` = there was none) and no higher fence has written it, together
   * with the audit entries. `false` = refused. Throws TransientError.
   */
  commit(batch: {
    readonly row: DeclarationRow;
    readonly expectedRevision: number | null;
    readonly audit: ReadonlyArray<AuditEntry>;
  }): Promise<boolean>;
  /** Takes orders out that are answered. */
  removeOrders(loadBalancerId: string, orders: ReadonlyArray<DeclarationOrder>): Promise<void>;
}

/** Where people, and comparisons, put what they ask for. */
export interface DeclarationOrders {
  /** Write-once by the order's id and binding. Throws TransientError. */
  put(loadBalancerId: string, order: DeclarationOrder): Promise<void>;
}
