import type { AuditEntry } from '../audit/model.ts';
import type { RequestKey, RequestRow } from './model.ts';

/** The table of requests, as the functions use it. Every method throws TransientError. */
export interface RequestStore {
  /** The rows of these requests that exist. */
  read(keys: ReadonlyArray<RequestKey>): Promise<ReadonlyArray<RequestRow>>;
  /**
   * Write-once: a row that is there already stays as it is. With the row goes its entry in the list of a day, and in that of
   * its lane while it is open. Complete or an error.
   */
  put(rows: ReadonlyArray<RequestRow>): Promise<void>;
  /** The open requests of a lane, the oldest first, and those whose result may not have been sent; complete or an error. */
  open(laneId: string): Promise<ReadonlyArray<RequestRow>>;
  /** Takes the id for a content, for ever. `false` = another content has it. */
  takeId(key: RequestKey): Promise<boolean>;
  /** Writes rows that are as expected and not written under a higher fence, with audit entries. Returns those refused. */
  commit(batch: RequestCommit): Promise<{ readonly refused: ReadonlyArray<RequestRow> }>;
  /** Takes requests whose result has been sent off the list of their lane. */
  close(laneId: string, keys: ReadonlyArray<RequestKey>): Promise<void>;
}

/** What one commit writes. */
export interface RequestCommit {
  readonly fence: number;
  /** `expectedRevision` as read. */
  readonly changes: ReadonlyArray<{ readonly row: RequestRow; readonly expectedRevision: number }>;
  readonly audit: ReadonlyArray<AuditEntry>;
}

/** The table of requests, for people. Throws RejectedError where the caller may not, TransientError. */
export interface RequestReader {
  /** All contents that came under an id, the oldest first; usually one. */
  byId(requestId: string): Promise<ReadonlyArray<RequestRow>>;
  /** All that have not ended, of every lane. */
  allOpen(): Promise<ReadonlyArray<RequestRow>>;
  /** Those received on a day (UTC, `2026-04-09`), the oldest first. */
  ofDay(day: string): Promise<ReadonlyArray<RequestRow>>;
}

/** Where results go: a queue that whoever asked reads. */
export interface Results {
  /** At least once; a copy is the same text. `delaySeconds` = 0. Throws TransientError. */
  send(text: string): Promise<void>;
}

/** The queue that change requests come by. */
export interface RequestQueue {
  /**
   * Puts a request back onto its queue, Base64 as all of ours. At least once. `delaySeconds` 0–604,800. Throws
   * TransientError, or RejectedError when the queue does not take it.
   */
  send(text: string, delaySeconds: number): Promise<void>;
}
