/** How a function inside the VPC asks an instance itself whether it serves. */
export type Probe =
  | { readonly kind: 'tcp'; readonly timeoutMs: number }
  | {
      readonly kind: 'http';
      /** Begins with `/`. */
      readonly path: string;
      /** Lowest and highest status that counts as ready. Redirects are never followed: they are an answer like others. */
      readonly statusMin: number;
      readonly statusMax: number;
      readonly timeoutMs: number;
    };

/** What a probe came to. */
export interface ProbeResult {
  readonly isReady: boolean;
  /** Why not, for people: `no answer within 2s`, `status 503`; `null` = it is ready. */
  readonly reason: string | null;
}
