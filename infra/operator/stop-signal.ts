const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Some parents pass on what the terminal has sent to all of their children already: one Ctrl-C may come twice. */
const SAME_REQUEST_MS = 1_000;

/** Fires when the process is asked to end. When it is asked again a second later or more, it ends at once, with 130. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let askedAtMs = Number.POSITIVE_INFINITY;
  for (const name of STOP_SIGNALS) {
    process.on(name, () => {
      if (Date.now() - askedAtMs > SAME_REQUEST_MS) process.exit(130);
      if (stop.signal.aborted) return;
      askedAtMs = Date.now();
      stop.abort(name);
    });
  }
  return stop.signal;
}

/** Resolves when the signal fires. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
