/** What a change request of a day asks for; instances by their names. */
export type DayChange =
  | {
      readonly kind: 'drain' | 'join';
      readonly binding: string;
      readonly names: ReadonlyArray<string>;
      readonly forMs: number;
    }
  | {
      readonly kind: 'set-weight';
      readonly binding: string;
      readonly names: ReadonlyArray<string>;
      readonly percent: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'remove' | 'release-override';
      readonly binding: string;
      readonly names: ReadonlyArray<string>;
    }
  | { readonly kind: 'promote' | 'resume'; readonly pair: string }
  | { readonly kind: 'pause'; readonly pair: string; readonly forMs: number };

/** Somebody puts a change request on the queue. */
export interface RequestHappening {
  readonly atMs: number;
  readonly kind: 'request';
  readonly requestId: string;
  readonly change: DayChange;
  readonly isDryRun: boolean;
  /** Nothing is begun so long after it was sent; `null` = whenever. */
  readonly notAfterMs: number | null;
  /** Copies of the message, all at once. */
  readonly copies: number;
}
