import type { Outcome } from './outcome.ts';

/** A line that a function or the platform wrote. */
export interface LogLine {
  readonly functionName: string;
  readonly instanceId: string;
  /** The request in progress; between requests, the last one. */
  readonly requestId: string;
  readonly line: string;
}

const RECORD_BYTES_MAX = 32 * 1024;
const TAIL_BYTES_MAX = 4 * 1024;

/** Cuts raw output into lines; a line longer than a log record (32 KB) is cut there. */
export function createLineSplitter(onLine: (line: string) => void): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (;;) {
      const newline = rest.indexOf(0x0a, from);
      const isTooLong = (newline < 0 ? rest.length : newline) - from > RECORD_BYTES_MAX;
      if (newline < 0 && !isTooLong) break;
      const to = isTooLong ? from + RECORD_BYTES_MAX : newline;
      onLine(rest.toString('utf8', from, to));
      from = isTooLong ? to : to + 1;
    }
    // A copy, so that a short rest does not keep the whole piece in memory.
    rest = Buffer.from(rest.subarray(from));
  };
}

/** A log record of at most 32 KB. */
export function cutRecord(record: Buffer): string {
  return record.toString('utf8', 0, Math.min(record.length, RECORD_BYTES_MAX));
}

/** The last 4 KB of one invocation's log, for `x-fc-log-result`. */
export interface LogTail {
  add(line: string): void;
  /** Base64 of the lines with the summary. */
  encode(outcome: Outcome, memoryMb: number): string;
}

/** An empty tail. */
export function createLogTail(): LogTail {
  let text = '';
  const keepTail = (grown: string) => {
    const bytes = Buffer.from(grown);
    return bytes.length <= TAIL_BYTES_MAX ? grown : bytes.toString('utf8', bytes.length - TAIL_BYTES_MAX);
  };
  return {
    add(line) {
      text = keepTail(`${text}${line}\n`);
    },
    encode(outcome, memoryMb) {
      const summary = [
        `Duration: ${outcome.durationMs.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(outcome.durationMs)} ms`,
        `Memory Size: ${memoryMb} MB`,
        `Max Memory Used: ${outcome.maxMemoryMb.toFixed(2)} MB`,
      ].join(', ');
      return Buffer.from(keepTail(`${text}\n${summary}\n`)).toString('base64');
    },
  };
}

/** What the platform appends to `FC Invoke End RequestId: …` for an execution that failed. */
export function endSuffix(errorType: Outcome['errorType']): string {
  if (errorType === null) return '';
  return errorType === 'HandledInvocationError'
    ? ', Error: Handled function error'
    : ', Error: Unhandled function error';
}
