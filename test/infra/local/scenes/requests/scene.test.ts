import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from '../../../operator/autopilot.ts';

interface Check {
  readonly sentence: string;
  readonly figures: Readonly<Record<string, number>>;
}

describe('the scene requests', () => {
  it('comes out as it must, and reports it with its figures as one JSON document', async () => {
    const note = join(temporaryFolder(), 'note.json');

    const { status, out } = await runAutopilot(['demo', '--once', '--scene', 'requests', '--json'], note);
    const report = JSON.parse(out);

    expect(report.failures).toEqual([]);
    expect({ status, ok: report.ok, scene: report.scene }).toEqual({
      status: 0,
      ok: true,
      scene: 'requests',
    });
    expect(report.durationMs).toBeLessThan(60_000);
    const weights = report.groups.map(({ backends }: { backends: ReadonlyArray<{ weight: number }> }) =>
      backends.map(({ weight }) => weight),
    );
    expect(weights).toEqual([Array(8).fill(100), Array(3).fill(100)]);
    expect(report.checks.length).toBeGreaterThanOrEqual(16);
    const figures = Object.assign({}, ...report.checks.map((check: Check) => check.figures));
    // Weight 0, the removal, the Add, and two steps of the ramp.
    expect(figures).toMatchObject({ steps: 10, backends: 5, drainWrites: 5, writesAfterCopy: 0 });
    // Seven requests, one of them forged, and the notice that one waits for its approval.
    expect(figures.different).toBe(8);
  }, 150_000);
});
