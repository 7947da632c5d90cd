import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, describe, expect, it } from 'vitest';
import { MEASURES } from './measures.ts';

const run = promisify(execFile);
const BENCH = ['--import', 'tsx', fileURLToPath(new URL('./run.ts', import.meta.url))];
const folder = mkdtempSync(join(tmpdir(), 'slb-autopilot-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface PrintedLine {
  readonly measure: string;
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  readonly bound: number | null;
  readonly instead: number | null;
  readonly ratio: number | null;
  readonly ok: boolean;
}

interface Printed {
  readonly ok: boolean;
  readonly missed: number;
  readonly lines: ReadonlyArray<PrintedLine>;
  readonly measures: ReadonlyArray<{ name: string; instead: string; files: ReadonlyArray<string> }>;
}

// What it measures belongs to the machine; that it measures, and what it says, does not.
describe('npm run bench', () => {
  it('prints one JSON document with every line of every measure, and says on stderr what it is doing', async () => {
    const { stdout, stderr } = await run(process.execPath, [...BENCH, '--json', '--quick', '--out', folder]);

    const { ok, missed, lines, measures } = JSON.parse(stdout) as Printed;
    expect(measures.map(({ name }) => name)).toEqual(MEASURES.map(({ name }) => name));
    for (const { name } of measures) {
      expect(
        lines.some(({ measure }) => measure === name),
        name,
      ).toBe(true);
      expect(stderr).toContain(`${name}: `);
    }
    for (const { name, figure, bound, instead, ratio, ok: isKept } of lines) {
      expect(figure, name).toBeGreaterThanOrEqual(0);
      expect(isKept, name).toBe(bound === null || figure <= bound);
      expect(ratio, name).toBe(instead === null || figure === 0 ? null : instead / figure);
    }
    expect(missed).toBe(lines.filter((line) => !line.ok).length);
    expect(ok).toBe(missed === 0);
    // Counts are exact on every machine, and so is whatever is measured in virtual time; small storms are another matter.
    const isExact = ({ unit, measure }: PrintedLine) =>
      unit === 'calls' || unit === 'rows' || unit === 'documents' || measure === 'write-calls';
    expect(lines.filter((line) => isExact(line) && !line.ok)).toEqual([]);
    const files = measures.flatMap((measure) => measure.files);
    expect(files).toEqual([join(folder, 'weight-over-time.svg')]);
    for (const file of files) expect(XMLValidator.validate(readFileSync(file, 'utf8'))).toBe(true);
  }, 240_000);

  it.each([
    [['--only', 'nothing'], 'no measure nothing'],
    [['--runs', '0'], '--runs takes a whole number from 1 to 999, not 0'],
    [['--sizes', '5'], "Unknown option '--sizes'"],
  ])('refuses %j with the reason and its usage', async (options, reason) => {
    await expect(run(process.execPath, [...BENCH, ...options])).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`${reason}[^]+Usage: npm run bench`)),
    });
  });
});
