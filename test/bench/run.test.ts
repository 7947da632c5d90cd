import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Row } from './measure.ts';
import { MEASURES } from './measures.ts';

const run = promisify(execFile);
const BENCH = ['--import', 'tsx', fileURLToPath(new URL('./run.ts', import.meta.url))];

// What it measures belongs to the machine; that it measures, and what it says, does not.
describe('npm run bench', () => {
  it('prints one JSON document with every measure and says on stderr what it is doing', async () => {
    const { stdout, stderr } = await run(process.execPath, [
      ...BENCH,
      '--json',
      '--sizes',
      '20',
      '--runs',
      '1',
    ]);

    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ sizes: [20], runs: 1, missedBounds: expect.any(Number) });
    expect(document.measures.map(({ name }: { name: string }) => name)).toEqual(
      MEASURES.map(({ name }) => name),
    );
    for (const { name, rows } of document.measures) {
      expect(rows.length, name).toBeGreaterThan(0);
      for (const row of rows) expect(row, name).toMatchObject({ measured: expect.any(Number) });
      expect(stderr).toContain(`${name}: `);
    }
    // Counts are exact on every machine.
    const counts = document.measures.flatMap(({ rows }: { rows: ReadonlyArray<Row> }) =>
      rows.filter(({ unit }) => unit === 'calls'),
    );
    expect(counts.filter(({ keepsBound }: { keepsBound: boolean | null }) => keepsBound === false)).toEqual(
      [],
    );
  }, 90_000);

  it('refuses a measure that it does not have', async () => {
    await expect(run(process.execPath, [...BENCH, '--only', 'nothing'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no measure nothing'),
    });
  });
});
