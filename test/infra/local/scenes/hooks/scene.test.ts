import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from '../../../operator/autopilot.ts';

interface Check {
  readonly sentence: string;
  readonly figures: Readonly<Record<string, number>>;
}

describe('the scene hooks', () => {
  it('comes out as it must, and reports it with its figures as one JSON document', async () => {
    const note = join(temporaryFolder(), 'note.json');

    const { status, out } = await runAutopilot(['demo', '--once', '--scene', 'hooks', '--json'], note);
    const report = JSON.parse(out);

    expect(report.failures).toEqual([]);
    expect({ status, ok: report.ok, scene: report.scene }).toEqual({ status: 0, ok: true, scene: 'hooks' });
    expect(report.durationMs).toBeLessThan(120_000);
    const weights = report.groups.map(({ backends }: { backends: ReadonlyArray<{ weight: number }> }) =>
      backends.map(({ weight }) => weight),
    );
    expect(weights).toEqual([Array(5).fill(100), Array(5).fill(50)]);
    const figures = Object.assign({}, ...report.checks.map((check: Check) => check.figures));
    expect(figures).toMatchObject({ tokens: 3, completeLifecycleActionCalls: 3, timeouts: 0, messages: 6 });
    expect(report.callsPerApi['ess:CompleteLifecycleAction']).toBe(3);
    const ends = report.happened.filter(({ kind }: { kind: string }) => kind === 'hook-completed');
    expect(ends.map(({ text }: { text: string }) => text)).toEqual([
      expect.stringContaining('CONTINUE by caller'),
      expect.stringContaining('CONTINUE by caller'),
      expect.stringContaining('CONTINUE by caller'),
    ]);
  }, 150_000);
});
