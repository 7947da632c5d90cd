/** How one look at a lane ended. Waiting is a value, not an error: somebody comes back at `untilMs`. */
export type LaneOutcome =
  | { readonly kind: 'unchanged'; readonly nextLookMs: number | null }
  | { readonly kind: 'applied'; readonly writes: number; readonly nextLookMs: number | null }
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly reason: string }
  /** The work goes on in another invocation. */
  | { readonly kind: 'handed-over' }
  /** The lease was lost to another worker, who continues. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly message: string; readonly retryAtMs: number | null };
