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

/** Adds what the application does from `fromMs` until `toMs`, in order; nothing when that is no time at all. */
export function addSpansOfRun(
  spans: Array<ServingSpan>,
  application: Application,
  runningSinceMs: number,
  sinceMs: number,
  fromMs: number,
  toMs: number,
): void {
  const add = (serves: boolean, beginMs: number, endMs: number) => {
    const span = { serves, fromMs: Math.max(beginMs, fromMs), toMs: Math.min(endMs, toMs) };
    if (span.toMs > span.fromMs) spans.push(span);
  };
  if (application.kind === 'never') {
    add(false, fromMs, toMs);
    return;
  }
  const readyAtMs = Math.max(runningSinceMs + application.afterMs, sinceMs);
  add(false, fromMs, readyAtMs);
  if (application.kind === 'serves') add(true, readyAtMs, toMs);
  else addCycles(add, application, readyAtMs, Math.max(fromMs, readyAtMs), toMs);
}

function addCycles(
  add: (serves: boolean, beginMs: number, endMs: number) => void,
  { upMs, downMs }: Extract<Application, { kind: 'flaps' }>,
  readyAtMs: number,
  fromMs: number,
  toMs: number,
): void {
  if (toMs <= fromMs) return;
  const cycleMs = upMs + downMs;
  const first = Math.floor((fromMs - readyAtMs) / cycleMs);
  const last = Math.floor((toMs - readyAtMs) / cycleMs);
  for (let cycle = first; cycle <= last; cycle++) {
    if (cycle === first + CYCLES_TOLD) cycle = Math.max(cycle, last - CYCLES_TOLD);
    const upAtMs = readyAtMs + cycle * cycleMs;
    add(true, upAtMs, upAtMs + upMs);
    add(false, upAtMs + upMs, upAtMs + cycleMs);
  }
}
