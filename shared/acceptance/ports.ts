import type { DoneRecord, InboxEntry, NoticedHook, QuarantineItem, ReplayPlace, Signal } from './model.ts';

/** The table of messages that need nothing more. */
export interface DoneStore {
  /** The records of the keys that are known and have not expired. Throws TransientError. */
  read(keys: ReadonlyArray<string>): Promise<ReadonlyMap<string, DoneRecord>>;
  write(records: ReadonlyArray<DoneRecord>): Promise<void>;
}

/** The signals that lanes have not handled. */
export interface InboxStore {
  /** Write-once: an entry that is already there stays as it is. Complete or an error. */
  put(entries: ReadonlyArray<InboxEntry>): Promise<void>;
  /** All of a lane's signals; complete or an error. */
  read(laneId: string): Promise<ReadonlyArray<Signal>>;
  remove(laneId: string, keys: ReadonlyArray<string>): Promise<void>;
}

/** The lifecycle hooks that wait, as far as acceptance writes them. */
export interface HookNotices {
  /** Write-once: a hook that is known stays as it is, since its row knows more than a message does. Complete or an error. */
  notice(hooks: ReadonlyArray<NoticedHook>): Promise<void>;
}

/** Where messages go that cannot be worked with: the original into a table, key and reason onto a queue. */
export interface Quarantine {
  /** A repeat overwrites the row and may put a second note on the queue. Throws TransientError. */
  put(items: ReadonlyArray<QuarantineItem>): Promise<void>;
}

/** How much lies in quarantine, for reports. */
export interface QuarantineCount {
  /** How many messages; `atMost` = as many or more. Throws TransientError. */
  count(atMost: number): Promise<number>;
}

/** The other side of the quarantine, for people; no function of the product reads it. Methods throw RejectedError where the caller may not, TransientError. */
export interface QuarantineDesk {
  /** Everything in it, the oldest first. */
  list(): Promise<ReadonlyArray<QuarantineItem>>;
  /** What is kept under keys that begin so, by key. */
  find(keysBegin: string): Promise<ReadonlyArray<QuarantineItem>>;
  /** Forgets that the text was put aside: until then every copy of it is taken for known, and ignored. */
  forget(key: string): Promise<void>;
  /** Takes it out. `false` = it is not there as it was read: somebody took it out, or it has been put aside again since. */
  remove(item: QuarantineItem): Promise<boolean>;
}

/** Puts messages back where the functions read them. */
export interface Replays {
  /** Throws TransientError (`unknown-outcome`: it may be on the queue; once more does no harm), RejectedError. */
  send(place: ReplayPlace, text: string): Promise<void>;
}

/** Finds the lanes that an instance is a member of, even after it was released. */
export interface MemberIndex {
  lanesOf(instanceIds: ReadonlyArray<string>): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}
