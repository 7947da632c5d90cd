import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../../functions/drift-sweep/handler.ts';
import { GROUP } from '../../../support/builders.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from '../table-stage.ts';

/** The functions sweep once, as of now. */
async function sweep({ stage }: TableStage): Promise<void> {
  const worker = { ...stage.worker(), timing: { ...stage.settings.timing, compareMs: 60_000 } };
  await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs: Date.now() }]);
}

describe('autopilot sweeps', () => {
  it('ends with 3 where the tables may not be read, and with 2 for a number that is none', async () => {
    const table = await setTableStage();

    const ended = [
      await table.runAllowed(['ecs:DescribeInstances'], 'sweeps'),
      await table.run('sweeps', '--last', 'some'),
    ];

    expect(ended.map(({ status }) => status)).toEqual([3, 2]);
  });

  it('says so where no sweep has reported', async () => {
    const table = await setTableStage();

    expect(await table.run('sweeps')).toMatchObject({ status: 0, out: 'no sweep has reported yet\n' });
  });

  it('shows each worker, and of the last sweep every difference with its reason, no wider than the terminal', async () => {
    const table = await setTableStage();
    const [id] = await table.stage.running(1);
    await sweep(table);

    const { status, out } = await table.runOnTerminal(100, 'sweeps');

    const plain = stripVTControlCharacters(out);
    expect(status).toBe(0);
    expect(plain).toMatch(/all +1 +0 +1 +1 +0 +0/);
    expect(plain).toContain(`+ ${id}:8080  join at weight 100`);
    expect(Math.max(...plain.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('tells programs all of it, and asks the tables and nobody else', async () => {
    const table = await setTableStage();
    table.stage.clouds.slb.vServerGroups.add({
      vServerGroupId: GROUP,
      backendServers: [
        { serverId: (await table.stage.running(1))[0] ?? '', port: 7000, description: 'mine' },
      ],
    });
    await sweep(table);
    table.calls();

    const { status, out } = await table.runAllowed(OPERATOR_POLICY, 'sweeps', '--json', '--last', '1');

    expect(status).toBe(0);
    const { sweeps } = JSON.parse(out) as { sweeps: ReadonlyArray<object> };
    expect(sweeps).toMatchObject([{ by: 'in-place', counts: { groups: 1, strangers: 1 }, failed: {} }]);
    expect(table.calls()).toEqual(['ots GetRange']);
  });
});
