import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SCENES } from '../../../../infra/local/scenes/registry.ts';
import { runAutopilot, temporaryFolder } from '../../operator/autopilot.ts';

interface Backend {
  readonly serverId: string;
  readonly port: number;
  readonly weight: number;
}

describe('the scene main', () => {
  it('comes out as it must, and reports it as one JSON document', async () => {
    const note = join(temporaryFolder(), 'note.json');

    const { status, out } = await runAutopilot(['demo', '--once', '--json'], note);
    const report = JSON.parse(out);

    expect(report.failures).toEqual([]);
    expect({ status, ok: report.ok, scene: report.scene }).toEqual({ status: 0, ok: true, scene: 'main' });
    expect(report.durationMs).toBeLessThan(60_000);
    // 3 + 22 came, 3 stopped, 2 were released; of the 3 in two bindings and the 3 with two ports, one each stopped.
    const backends: Readonly<Record<string, ReadonlyArray<Backend>>> = Object.fromEntries(
      report.groups.map((group: { name: string; backends: ReadonlyArray<Backend> }) => [
        group.name,
        group.backends,
      ]),
    );
    const described = (name: string) =>
      (backends[name] ?? []).map(({ port, weight }) => `${port} at ${weight}`).sort();
    expect(described('web')).toEqual(Array(20).fill('8080 at 100'));
    expect(described('metrics')).toEqual(['9100 at 50', '9100 at 50']);
    expect(described('api')).toEqual(['9001 at 100', '9001 at 100', '9002 at 40', '9002 at 40']);
    const web = new Set(backends.web?.map(({ serverId }) => serverId));
    expect(backends.metrics?.every(({ serverId }) => web.has(serverId))).toBe(true);
    // web: 1 for the first 3, 2 for the 22; metrics: 1 or 2 for each of those; api: 1, which killed its caller.
    expect(report.callsPerApi['slb:AddVServerGroupBackendServers']).toBeLessThanOrEqual(8);
    const kinds = report.happened.map(({ kind }: { kind: string }) => kind);
    expect(kinds.filter((kind: string) => kind === 'instance-killed')).toHaveLength(1);
    expect(report.checks.length).toBeGreaterThanOrEqual(12);
  }, 120_000);

  it('is the one that is played when none is named, and has a configuration of its own', () => {
    const scene = SCENES.get('main');

    expect(readFileSync(scene?.configFile ?? '', 'utf8')).toContain('vServerGroup: rsp-');
  });
});
