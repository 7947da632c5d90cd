import { Writable } from 'node:stream';
import { format } from 'node:util';
import { send } from './channel.mjs';

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** The request that lines belong to; between requests, the last one. */
export const current = { requestId: '' };

function writeLine(level, values) {
  const lowest = LEVELS.indexOf(process.env.ALIYUN_FC_LOG_LEVEL?.toLowerCase() ?? 'debug');
  if (LEVELS.indexOf(level) < lowest) return;
  const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
  send({ type: 'log' }, Buffer.from(`${time} ${current.requestId} [${level}] ${format(...values)}`));
}

/** `context.logger`: the same lines as the console's. */
export const logger = Object.fromEntries(
  LEVELS.map((level) => [level, (...values) => writeLine(level, values)]),
);

function rawStream(fd) {
  const stream = new Writable({
    decodeStrings: true,
    write(chunk, _encoding, done) {
      send({ type: 'raw' }, chunk);
      done();
    },
  });
  return Object.assign(stream, { fd, isTTY: false, _type: 'pipe' });
}

/**
 * Gives the console the lines of the managed runtime, and `process.stdout` and `.stderr` a raw way out. Everything is
 * handed over before the call returns, since the thread may be frozen right after it.
 */
export function installConsole() {
  const methods = { log: 'info', info: 'info', debug: 'debug', warn: 'warn', error: 'error', trace: 'debug' };
  for (const [method, level] of Object.entries(methods))
    console[method] = (...values) => writeLine(level, values);
  for (const [name, fd] of [
    ['stdout', 1],
    ['stderr', 2],
  ]) {
    const stream = rawStream(fd);
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
}
