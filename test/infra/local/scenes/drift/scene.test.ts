import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from '../../../operator/autopilot.ts';

interface Check {
  readonly sentence: string;
  readonly figures: Readonly<Record<string, number>>;
}

interface Group {
  readonly name: string;
  readonly backends: ReadonlyArray<{ readonly port: number; readonly weight: number }>;
}

describe('the scene drift', () => {
  it('comes out as it must, and reports it with its figures as one JSON document', async () => {
    const note = join(temporaryFolder(), 'note.json');

    const { status, out } = await runAutopilot(['demo', '--once', '--scene', 'drift', '--json'], note);
    const report = JSON.parse(out);

    expect(report.failures).toEqual([]);
    expect({ status, ok: report.ok, scene: report.scene }).toEqual({ status: 0, ok: true, scene: 'drift' });
    expect(report.durationMs).toBeLessThan(60_000);
    expect(report.checks.length).toBeGreaterThanOrEqual(28);
    const figures = Object.assign({}, ...report.checks.map((check: Check) => check.figures));
    // Joins, weights and drains of `web` and a call about a pair; two of `api`, one of `search`, and the group of `legacy`.
    expect(figures).toMatchObject({ found: 13, held: 4, strangers: 3 });
    expect(figures.corrected).toBeGreaterThan(0);
    const described = (name: string) =>
      report.groups
        .filter((group: Group) => group.name === name)
        .flatMap(({ backends }: Group) => backends.map(({ port, weight }) => `${port} at ${weight}`))
        .sort();
    // 10 were there: 2 stopped and 1 lost its tag; 1 is new. The strangers are at 31, 32 and 33.
    expect(described('web')).toEqual([
      ...Array(8).fill('8080 at 100'),
      '8080 at 31',
      '8080 at 32',
      '9999 at 33',
    ]);
    expect(described('search')).toEqual(['9200 at 100', '9200 at 9']);
    expect(described('api')).toEqual(['9000 at 100', '9000 at 5']);
    expect(described('legacy')).toEqual([]);
    const sweeps = report.happened.filter(({ text }: { text: string }) => text.includes('drift-sweep'));
    expect(sweeps.filter(({ kind }: { kind: string }) => kind === 'timer-fired')).toEqual([]);
    expect(report.callsPerApi['slb:CreateMasterSlaveServerGroup']).toBe(2);
  }, 150_000);
});
