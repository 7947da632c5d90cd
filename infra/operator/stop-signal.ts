const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Some parents pass on what the terminal has sent to all of their children already: one Ctrl-C may come twice. */
const SAME_REQUEST_MS = 1_000;

/** How often a process that npm started looks whether npm is still there. */
const PARENT_LOOK_MS = 500;

/** Fires when the process is asked to end, or when the npm or npx that started it is gone. When it is asked again a second later or more, it ends at once, with 130. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const ask = stopper(stop);
  for (const name of STOP_SIGNALS) process.on(name, ask);
  stopWithNpm(stop);
  return stop.signal;
}

/** What a signal does: asks to end, and when it comes again, ends at once. */
function stopper(stop: AbortController): (name: NodeJS.Signals) => void {
  let askedAtMs = Number.POSITIVE_INFINITY;
  return (name) => {
    if (Date.now() - askedAtMs > SAME_REQUEST_MS) process.exit(130);
    if (stop.signal.aborted) return;
    askedAtMs = Date.now();
    stop.abort(name);
  };
}

/** npm runs scripts in a shell that dies of a signal without passing it on: nobody would ever stop its child. */
function stopWithNpm(stop: AbortController): void {
  if (process.env.npm_command === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop.abort('npm is gone');
  }, PARENT_LOOK_MS);
  timer.unref();
}

/** Ctrl-C while something is watched that goes on without its watchers. */
export interface Interruption {
  /** Fires with the first Ctrl-C; another one a second later or more ends the process, with 130. */
  readonly signal: AbortSignal;
  /** Ctrl-C ends the process again. */
  release(): void;
}

/** Takes Ctrl-C over until it is released. */
export function interruption(): Interruption {
  const stop = new AbortController();
  const ask = stopper(stop);
  process.on('SIGINT', ask);
  return { signal: stop.signal, release: () => void process.off('SIGINT', ask) };
}

/** Resolves when the signal fires. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
