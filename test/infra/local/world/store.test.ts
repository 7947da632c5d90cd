import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../../../infra/local/world/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'world-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('state in a folder', () => {
  it('is there again after it was closed and opened', () => {
    const before = fileStore(folder);
    before.collection<object>('queues').set('a', { messages: 3 });
    before.collection<object>('queues').set('b', { messages: 1 });
    before.collection<object>('queues').delete('b');
    before.close();

    const after = fileStore(folder);

    expect([...after.collection('queues').entries()]).toEqual([['a', { messages: 3 }]]);
    after.close();
  });

  it('drops a last line that was being written when the process died', () => {
    const before = fileStore(folder);
    before.collection<number>('counters').set('a', 1);
    before.close();
    appendFileSync(join(folder, 'world.jsonl'), '["counters","a",2');

    const after = fileStore(folder);

    expect(after.collection<number>('counters').get('a')).toBe(1);
    after.close();
  });

  it('keeps only what is left when it is opened again', () => {
    const before = fileStore(folder);
    for (let value = 0; value < 100; value++) before.collection<number>('counters').set('a', value);
    before.close();

    fileStore(folder).close();

    expect(readFileSync(join(folder, 'world.jsonl'), 'utf8')).toBe('["counters","a",99]\n');
  });

  it('is refused while another process has the folder open, and not when that one is gone', () => {
    writeFileSync(join(folder, 'lock'), String(process.ppid));
    expect(() => fileStore(folder)).toThrow(/in use by process/);

    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(folder, 'lock'), String(pid));
    fileStore(folder).close();
  });
});
