import type { RecordedAudit } from '../../../shared/audit/ports.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import type { BackendRow } from '../../../shared/server-groups/backend/record.ts';

/** A backend of an instance: what a binding asks for, what stands in the table, or both. */
export interface ToldBackend {
  /** The audit's subject. */
  readonly subject: string;
  /** `null` = no binding of the configuration is about this group and port any more. */
  readonly binding: Binding | null;
  readonly vServerGroupId: string;
  readonly port: number;
  /** `null` = there is no record: it is not ours there, or not yet, or no longer. */
  readonly row: BackendRow | null;
}

/** Everything that the tables know about the weight of an instance. */
export interface InstanceStory {
  readonly instanceId: string;
  /** Those that have a record or at least one entry. */
  readonly backends: ReadonlyArray<ToldBackend>;
  /** The newest last. */
  readonly entries: ReadonlyArray<RecordedAudit>;
  /** Older ones were left out. */
  readonly isCut: boolean;
}

/** What happened to the backends of bindings. */
export interface History {
  /** The newest last. */
  readonly entries: ReadonlyArray<RecordedAudit>;
  readonly isCut: boolean;
}
