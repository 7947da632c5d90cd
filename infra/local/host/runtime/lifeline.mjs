import { Worker } from 'node:worker_threads';

/**
 * Watches, in a thread of its own, a pipe that the host never writes to. When it closes the host is gone, and the
 * process ends with all that it started, even out of a loop that never yields. While it watches, the process does not
 * end by itself when the handler waits for nothing.
 * @param {number} fd
 * @returns {Worker}
 */
export function watchHost(fd) {
  const watcher = `
    const { Socket } = require('node:net');
    const end = () => {
      try { process.kill(-process.pid, 'SIGKILL'); } catch { process.kill(process.pid, 'SIGKILL'); }
    };
    new Socket({ fd: ${fd}, readable: true, writable: false }).on('error', end).on('close', end).resume();
  `;
  return new Worker(watcher, { eval: true, stdin: false, env: {}, execArgv: [], trackUnmanagedFds: false });
}
