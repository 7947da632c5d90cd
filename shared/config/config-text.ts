import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ConfigError } from './faults.ts';

/** Largest configuration that is read, in bytes. */
export const CONFIG_BYTES_MAX = 1024 * 1024;

/** The text of the file. Throws `ConfigError` for one that is missing, not readable or too large. */
export function readConfigText(path: string): string {
  const fileName = basename(path);
  try {
    // Looked at before it is read, so that a wrong path cannot fill the memory.
    requireSize(statSync(path).size, fileName);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    throw wholeFile(fileName, `no readable file (${reason})`, 'a file with the configuration');
  }
}

/** Throws `ConfigError` when a file of so many bytes is more than anybody writes by hand. */
export function requireSize(bytes: number, fileName: string): void {
  if (bytes <= CONFIG_BYTES_MAX) return;
  throw wholeFile(fileName, 'a larger file', `a file of at most ${CONFIG_BYTES_MAX} bytes`);
}

function wholeFile(fileName: string, found: string, allowed: string): ConfigError {
  return new ConfigError(fileName, [{ path: '', found, allowed, line: null, column: null }]);
}
