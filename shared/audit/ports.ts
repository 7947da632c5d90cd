import type { AuditEntry } from './model.ts';

/** An entry of the audit as people read it. */
export interface RecordedAudit {
  /** As in `AuditEntry`. */
  readonly subject: string;
  readonly atMs: number;
  /** As in `AuditAction`, or as an older release called it. */
  readonly action: string;
  readonly reason: string;
  readonly requestIds: ReadonlyArray<string>;
  /** `{}` where they cannot be read. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What does not belong to anything that is written with it. */
export interface AuditLog {
  /** Throws TransientError (`unknown-outcome`: it may stand there). */
  write(entries: ReadonlyArray<AuditEntry>): Promise<void>;
}

/** The audit, for people and for results; nothing is ever decided from it. */
export interface RecentAudit {
  /** The last so many entries of a subject, the newest first. Throws RejectedError where the caller may not, TransientError. */
  latest(subject: string, count: number): Promise<ReadonlyArray<RecordedAudit>>;
  /**
   * Every entry since then of all subjects that begin with `subjects`, by subject and then time. Reads over all that the table
   * still has of them, so it takes a while where that is much. Throws as `latest`.
   */
  since(subjects: string, sinceMs: number): Promise<ReadonlyArray<RecordedAudit>>;
}
