/** How a port of a Running instance behaves; the times count from the moment the instance became Running. */
export type Application =
  /** Serves from `afterMs` on, for as long as the instance runs. */
  | { readonly kind: 'serves'; readonly afterMs: number }
  | { readonly kind: 'never' }
  /** From `afterMs` on it serves for `upMs` and then not for `downMs`, again and again. */
  | { readonly kind: 'flaps'; readonly afterMs: number; readonly upMs: number; readonly downMs: number };

/** A stretch of time in which a port either answers or does not. */
export interface ServingSpan {
  readonly serves: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What every instance does for which nothing else is set. */
export const SERVES_AT_ONCE: Application = { kind: 'serves', afterMs: 0 };

/** Cycles of long flapping that are told of, at its beginning and at its end each. */
const CYCLES_TOLD = 3;

/** Whether an application that counts since `sinceMs` answers at `atMs`, on an instance that has been Running all the while. */
export function servesAt(
  application: Application,
  runningSinceMs: number,
  sinceMs: number,
  atMs: number,
): boolean {
  if (application.kind === 'never') return false;
  const readyAtMs = Math.max(runningSinceMs + application.afterMs, sinceMs);
  if (atMs < readyAtMs) return false;
  if (application.kind === 'serves') return true;
  return (atMs - readyAtMs) % (application.upMs + application.downMs) < application.upMs;
}

/** What the application does from `fromMs` until `toMs`, in order; nothing when that is no time at all. */
export function spansOfRun(
  application: Application,
  runningSinceMs: number,
  sinceMs: number,
  fromMs: number,
  toMs: number,
): ReadonlyArray<ServingSpan> {
  if (toMs <= fromMs) return [];
  if (application.kind === 'never') return [{ serves: false, fromMs, toMs }];
  const readyAtMs = Math.max(runningSinceMs + application.afterMs, sinceMs);
  const begun = [{ serves: false, fromMs, toMs: readyAtMs }];
  const spans =
    application.kind === 'serves'
      ? [...begun, { serves: true, fromMs: readyAtMs, toMs }]
      : [...begun, ...cycles(application, readyAtMs, Math.max(fromMs, readyAtMs), toMs)];
  return spans
    .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) }))
    .filter((span) => span.toMs > span.fromMs);
}

function cycles(
  { upMs, downMs }: Extract<Application, { kind: 'flaps' }>,
  readyAtMs: number,
  fromMs: number,
  toMs: number,
): ReadonlyArray<ServingSpan> {
  const cycleMs = upMs + downMs;
  const first = Math.floor((fromMs - readyAtMs) / cycleMs);
  const last = Math.floor((toMs - readyAtMs) / cycleMs);
  const spans: Array<ServingSpan> = [];
  for (let cycle = first; cycle <= last; cycle++) {
    if (cycle === first + CYCLES_TOLD) cycle = Math.max(cycle, last - CYCLES_TOLD);
    const upAtMs = readyAtMs + cycle * cycleMs;
    spans.push(
      { serves: true, fromMs: upAtMs, toMs: upAtMs + upMs },
      { serves: false, fromMs: upAtMs + upMs, toMs: upAtMs + cycleMs },
    );
  }
  return spans;
}
