import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from '../../../operator/autopilot.ts';

interface Group {
  readonly name: string;
  readonly backends: ReadonlyArray<{ readonly port: number; readonly weight: number }>;
}

describe('the scene groups', () => {
  it('comes out as it must, and reports it with its figures as one JSON document', async () => {
    const note = join(temporaryFolder(), 'note.json');

    const { status, out } = await runAutopilot(['demo', '--once', '--scene', 'groups', '--json'], note);
    const report = JSON.parse(out);

    expect(report.failures).toEqual([]);
    expect({ status, ok: report.ok, scene: report.scene }).toEqual({ status: 0, ok: true, scene: 'groups' });
    const created = ['CreateVServerGroup', 'CreateMasterSlaveServerGroup'].map(
      (action) => report.callsPerApi[`slb:${action}`],
    );
    expect(created).toEqual([2, 1]);
    const weights = report.groups.flatMap(({ backends }: Group) =>
      backends.map(({ port, weight }) => `${port} at ${weight}`),
    );
    const of = (text: string) => weights.filter((each: string) => each === text).length;
    // Everybody has moved from 8080; on 9000 there are three instances, two addresses, and a container instance.
    expect([of('8080 at 100'), of('8081 at 100'), of('9090 at 50')]).toEqual([0, 25, 25]);
    expect(of('9000 at 100')).toBe(6);
  }, 150_000);
});
