import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createFrameParser, encodeFrame, readFrame } from './frames.mjs';

const REQUESTS_FD = 3;
const ANSWERS_FD = 4;
const JOINED_BYTES_MAX = 64 * 1024;

/**
 * Runs a system call again while the pipe is not ready; without this a pipe made non-blocking would break it.
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
function retrying(call) {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(nap, 0, 0, 1);
    }
  }
}

/**
 * Sends a frame to the host and returns when the operating system has it. Ends the process when the host is gone.
 * @param {object} header
 * @param {Uint8Array} [body]
 */
export function send(header, body) {
  try {
    const parts = encodeFrame(header, body);
    // One write for a short frame: a function that floods its log sends many of them.
    const writes = (body?.length ?? 0) < JOINED_BYTES_MAX ? [Buffer.concat(parts)] : parts;
    for (const part of writes) {
      for (let at = 0; at < part.length; ) at += retrying(() => writeSync(ANSWERS_FD, part, at));
    }
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

function readExactly(count) {
  const buffer = Buffer.allocUnsafe(count);
  for (let at = 0; at < count; ) {
    const read = retrying(() => readSync(REQUESTS_FD, buffer, at, count - at, null));
    if (read === 0) return null;
    at += read;
  }
  return buffer;
}

/**
 * Waits for the host's next frame with the whole thread blocked: no timer fires and no socket is served until it
 * comes, as in an instance that the platform has frozen. `null` when the host is gone.
 * @returns {import('./frames.mjs').Frame | null}
 */
export function receiveFrozen() {
  return readFrame(readExactly);
}

/**
 * A receiver that leaves the event loop running between frames; its promises end with `null` when the host is gone.
 * @returns {() => Promise<import('./frames.mjs').Frame | null>}
 */
export function openThawedReceiver() {
  const waiting = [];
  const arrived = [];
  const deliver = (frame) => {
    const next = waiting.shift();
    if (next) next(frame);
    else arrived.push(frame);
  };
  const socket = new Socket({ fd: REQUESTS_FD, readable: true, writable: false });
  socket.on('data', createFrameParser(deliver));
  socket.on('close', () => deliver(null));
  return () =>
    new Promise((resolve) => (arrived.length > 0 ? resolve(arrived.shift()) : waiting.push(resolve)));
}
