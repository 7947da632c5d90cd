import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Duplex, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createLineSplitter, cutRecord } from './log-lines.ts';
import { createFrameParser, encodeFrame, type Frame } from './runtime/frames.mjs';

const FrameHeader = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log') }),
  z.object({ type: z.literal('raw') }),
  z.object({
    type: z.literal('result'),
    ok: z.boolean(),
    errorType: z.enum(['HandledInvocationError', 'UnhandledInvocationError']).optional(),
    durationMs: z.number().optional(),
    maxMemoryKb: z.number(),
    /** The process ends itself after this. */
    isLast: z.boolean().optional(),
  }),
]);

/** What the runtime answers to a frame, and once by itself when it has loaded the code. */
export interface RuntimeResult {
  readonly errorType: 'HandledInvocationError' | 'UnhandledInvocationError' | null;
  readonly body: Buffer;
  readonly durationMs: number | null;
  readonly maxMemoryMb: number;
  readonly isLast: boolean;
}

/** The process of one function instance, as bytes and signals. */
export interface RuntimeProcess {
  /** `null` when it could not be started. */
  readonly pid: number | null;
  send(header: object, body?: Uint8Array): void;
  /** The next result; `null` when the process ends without one. One call at a time. */
  nextResult(): Promise<RuntimeResult | null>;
  /** The most memory it has had so far, in MB; `0` when the computer does not tell. */
  maxMemoryMb(): number;
  /** Ends it and everything it started with SIGKILL; it cannot resist. */
  kill(): void;
  /** Resolves when it is gone and all that it said has been read. */
  readonly ended: Promise<void>;
}

const BOOTSTRAP = fileURLToPath(new URL('./runtime/bootstrap.mjs', import.meta.url));

/** Starts the runtime on bare Node. `onLine` gets each line or record of its output. */
export function startRuntimeProcess(options: {
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly onLine: (line: string) => void;
}): RuntimeProcess {
  const child = spawn(process.execPath, [`--max-old-space-size=${options.memoryMb}`, BOOTSTRAP], {
    env: { ...options.environment },
    // A process group of its own: a kill reaches what the function started, and Ctrl-C in the terminal is the host's.
    detached: true,
    // After the usual three: requests, answers, and the lifeline that closes when this process dies.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  // Listened to at once: a computer without free processes or descriptors answers before anything else is set up.
  const notStarted = new Promise<void>((resolve) => child.on('error', () => resolve()));
  const results: Array<RuntimeResult> = [];
  let waiting: ((result: RuntimeResult | null) => void) | null = null;
  let isEnded = false;
  const deliver = (result: RuntimeResult | null) => {
    const resolve = waiting;
    waiting = null;
    if (resolve !== null) resolve(result);
    else if (result !== null) results.push(result);
  };
  const kill = () => killGroup(child);

  const splitRaw = createLineSplitter(options.onLine);
  const onFrame = ({ header, body }: Frame) => {
    const parsed = FrameHeader.parse(header);
    if (parsed.type === 'log') options.onLine(cutRecord(body));
    else if (parsed.type === 'raw') splitRaw(body);
    else {
      deliver({
        errorType: parsed.ok ? null : (parsed.errorType ?? 'UnhandledInvocationError'),
        body,
        durationMs: parsed.durationMs ?? null,
        maxMemoryMb: parsed.maxMemoryKb / 1_024,
        isLast: parsed.isLast ?? false,
      });
    }
  };
  const parse = createFrameParser(onFrame);
  const answers = pipe(child, 4);
  answers.on('data', (piece: Buffer) => {
    try {
      parse(piece);
    } catch {
      // Only code that writes to the runtime's own descriptor gets here; nothing it says can be trusted any more.
      kill();
    }
  });
  // Not everything goes through the runtime's console: loggers write to the descriptors, Node its last words.
  child.stdout?.on('data', createLineSplitter(options.onLine)).on('error', () => {});
  child.stderr?.on('data', createLineSplitter(options.onLine)).on('error', () => {});

  const answersClosed = new Promise<void>((resolve) => answers.on('close', resolve));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ended = Promise.all([Promise.race([exited, notStarted]).then(kill), answersClosed]).then(() => {
    isEnded = true;
    deliver(null);
  });

  const requests: Writable = pipe(child, 3);
  pipe(child, 5);
  return {
    pid: child.pid ?? null,
    send(header, body) {
      for (const part of encodeFrame(header, body)) requests.write(part);
    },
    nextResult() {
      const arrived = results.shift();
      if (arrived !== undefined) return Promise.resolve(arrived);
      if (isEnded) return Promise.resolve(null);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    maxMemoryMb: () => peakMemoryMb(child.pid),
    kill,
    ended,
  };
}

/** One of the child's further descriptors. That the other end closed is learnt from the process's end. */
function pipe(child: ChildProcess, descriptor: 3 | 4 | 5): Duplex {
  const streams: ReadonlyArray<unknown> = child.stdio;
  const stream = streams[descriptor];
  if (!(stream instanceof Duplex)) throw new Error(`descriptor ${descriptor} of an instance is not a pipe`);
  return stream.on('error', () => {});
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

function peakMemoryMb(pid: number | undefined): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return peak === undefined ? 0 : Number(peak) / 1_024;
  } catch {
    return 0;
  }
}
