import { describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../../functions/drift-sweep/handler.ts';
import { handleTick } from '../../../../functions/tick/handler.ts';
import { GROUP } from '../../../support/builders.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from '../table-stage.ts';

const sweep = async ({ stage }: TableStage) => {
  const worker = { ...stage.worker(), timing: { ...stage.settings.timing, compareMs: 60_000 } };
  await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs: Date.now() }]);
  await handleTick(stage.worker(), [{ kind: 'tick' }]);
};
const weights = ({ stage }: TableStage) => stage.group().map((text) => text.split('=')[1]);

/** One instance in service, whose weight somebody has set. */
async function drifted(): Promise<TableStage> {
  const table = await setTableStage();
  const [serverId = ''] = await table.stage.running(1);
  await sweep(table);
  const inService = () =>
    table.stage.rows('backends').some(({ row }) => String(row).includes('"confirmedWeight":100'));
  await table.stage.tickUntil(table.stage.worker(), inService);
  const backendServers = [{ serverId, port: 8080, weight: 7 }];
  table.stage.clouds.slb.vServerGroups.set({ vServerGroupId: GROUP, backendServers });
  return table;
}

describe('autopilot pause and resume of a binding', () => {
  it('end with 2 for a name that nothing has, and without an end', async () => {
    const table = await setTableStage();

    const unknown = await table.run('pause', 'db', '--for', '2h', '--reason', 'x');
    const endless = await table.run('pause', 'web', '--reason', 'x');

    expect([unknown.status, endless.status]).toEqual([2, 2]);
    expect(unknown.err).toContain('There is no pair or binding "db". There are: web.');
  });

  it('have what differs only told meanwhile, by whom and why, and corrected afterwards', async () => {
    const table = await drifted();

    const paused = await table.runAllowed(
      OPERATOR_POLICY,
      ...['pause', 'web', '--for', '2h', '--reason', 'drill', '--by', 'mei'],
    );
    await sweep(table);

    expect(paused.status).toBe(0);
    expect(paused.out).toMatch(/^web: what differs is only told until \S+Z: drill \(mei\)\n$/);
    expect(weights(table)).toEqual(['7']);
    const plan = await table.run('plan', '--json');
    expect(plan.out).toMatch(/web is paused until \S+Z: drill \(mei\)/);

    const resumed = await table.run('resume', 'web', '--reason', 'over', '--json');
    await table.stage.tickUntil(table.stage.worker(), () => weights(table)[0] === '100');

    expect(JSON.parse(resumed.out)).toMatchObject({ binding: 'web', until: null, outcome: 'put' });
    expect(table.stage.rows('inbox')).toEqual([]);
  });
});
