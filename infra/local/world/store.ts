import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * A named map of the world's state. Values are plain JSON data and are replaced whole: changing a value in place
 * is not noticed and not kept.
 */
export interface Collection<T> {
  readonly size: number;
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  /** Values in insertion order. */
  values(): IterableIterator<T>;
  /** Entries in insertion order. */
  entries(): IterableIterator<[string, T]>;
}

/** Where the world keeps its state. */
export interface WorldStore {
  /** The collection of that name; the same object each time. */
  collection<T>(name: string): Collection<T>;
  close(): void;
}

type Append = (line: ReadonlyArray<unknown>) => void;

function openCollection<T>(name: string, append: Append, rows = new Map<string, T>()): Collection<T> {
  return {
    get size() {
      return rows.size;
    },
    get: (key) => rows.get(key),
    has: (key) => rows.has(key),
    set(key, value) {
      rows.set(key, value);
      append([name, key, value]);
    },
    delete(key) {
      const existed = rows.delete(key);
      if (existed) append([name, key]);
      return existed;
    },
    values: () => rows.values(),
    entries: () => rows.entries(),
  };
}

function openStore(append: Append, close: () => void, kept: Map<string, Map<string, unknown>>): WorldStore {
  const open = new Map<string, Collection<unknown>>();
  return {
    collection<T>(name: string): Collection<T> {
      let found = open.get(name);
      if (found === undefined) {
        found = openCollection<unknown>(name, append, kept.get(name));
        open.set(name, found);
      }
      return found as Collection<T>;
    },
    close,
  };
}

/** State that lives as long as the process. */
export function memoryStore(): WorldStore {
  return openStore(
    () => {},
    () => {},
    new Map(),
  );
}

/**
 * State in a folder: one journal of JSON lines `[collection, key, value]` (without a value: deleted). Each change is
 * handed to the operating system before the call returns, so the state survives a kill -9; a half-written last line
 * is dropped on opening. Opening also rewrites the journal without what was replaced. Throws when another process
 * has the folder open.
 */
export function fileStore(folder: string): WorldStore {
  mkdirSync(folder, { recursive: true });
  const unlock = lock(folder);
  const path = join(folder, 'world.jsonl');
  const kept = replay(path);
  compact(path, kept);
  const file = openSync(path, 'a');
  return openStore(
    (line) => appendFileSync(file, `${JSON.stringify(line)}\n`),
    () => {
      closeSync(file);
      unlock();
    },
    kept,
  );
}

/** Two processes writing one journal would destroy it. What a killed process left behind does not count. */
function lock(folder: string): () => void {
  const path = join(folder, 'lock');
  const holder = existsSync(path) ? Number(readFileSync(path, 'utf8')) : null;
  if (holder !== null && holder !== process.pid && isAlive(holder)) {
    throw new Error(
      `the folder ${folder} is in use by process ${holder}; if that is no autopilot, remove ${path}`,
    );
  }
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function replay(path: string): Map<string, Map<string, unknown>> {
  const kept = new Map<string, Map<string, unknown>>();
  if (!existsSync(path)) return kept;
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last newline was being written when the process died.
  lines.pop();
  for (const line of lines) {
    const [name, key, ...value] = JSON.parse(line) as [string, string, unknown?];
    const rows = kept.get(name) ?? new Map<string, unknown>();
    kept.set(name, rows);
    if (value.length === 0) rows.delete(key);
    else rows.set(key, value[0]);
  }
  return kept;
}

function compact(path: string, kept: Map<string, Map<string, unknown>>): void {
  const lines: Array<string> = [];
  for (const [name, rows] of kept) {
    for (const [key, value] of rows) lines.push(`${JSON.stringify([name, key, value])}\n`);
  }
  writeFileSync(`${path}.new`, lines.join(''));
  renameSync(`${path}.new`, path);
}
