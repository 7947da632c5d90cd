/** How far something that was asked for has come. */
export type Progress =
  | { readonly kind: 'in-force'; readonly text: string }
  /** Look again; `isHeld`: a guard, or something else that does not pass by itself, keeps it. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly isHeld: boolean }
  /** It will never be in force: something else was asked for since. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Whoever was to do it has said no. */
  | { readonly kind: 'declined'; readonly reason: string };
