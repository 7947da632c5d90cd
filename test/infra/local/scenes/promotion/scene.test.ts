import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from '../../../operator/autopilot.ts';

interface Check {
  readonly sentence: string;
  readonly figures: Readonly<Record<string, number>>;
}

describe('the scene promotion', () => {
  it('comes out as it must, and reports it with its figures as one JSON document', async () => {
    const note = join(temporaryFolder(), 'note.json');

    const { status, out } = await runAutopilot(['demo', '--once', '--scene', 'promotion', '--json'], note);
    const report = JSON.parse(out);

    expect(report.failures).toEqual([]);
    expect({ status, ok: report.ok, scene: report.scene }).toEqual({
      status: 0,
      ok: true,
      scene: 'promotion',
    });
    expect(report.durationMs).toBeLessThan(60_000);
    expect(report.checks.length).toBeGreaterThanOrEqual(14);
    const figures = Object.assign({}, ...report.checks.map((check: Check) => check.figures));
    // One create, a Set for each of two listeners, one more for what the first had lost, and the deletes.
    expect(figures).toMatchObject({ listeners: 2, repairs: 1, tags: 3 });
    const { callsPerApi } = report;
    expect(callsPerApi['slb:CreateMasterSlaveServerGroup']).toBe(1);
    expect(callsPerApi['slb:SetLoadBalancerTCPListenerAttribute']).toBe(3);
    expect(callsPerApi['slb:DeleteMasterSlaveServerGroup']).toBe(figures.refusals + 1);
    const created = report.happened.filter(({ kind }: { kind: string }) => kind === 'instance-created');
    const [, secondaryId, standbyId] = created.map(({ text }: { text: string }) => text.split(' ')[0]);
    expect(report.pairs).toEqual(
      ['tcp:3306', 'tcp:3307'].map((listener) => ({
        loadBalancerId: 'lb-bp1scene000000orders',
        listener,
        masterSlaveServerGroupId: expect.stringMatching(/^rsp-(?!bp1scene)/),
        primaryId: secondaryId,
        secondaryId: standbyId,
      })),
    );
  }, 150_000);
});
