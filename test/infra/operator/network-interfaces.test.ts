import { describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import { GROUP, LB } from '../../support/builders.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from './table-stage.ts';

const ROLE = [{ key: 'role', value: 'web' }];
const INTERFACES = { type: 'eni', addresses: 'all' };

/** An interface with two addresses, in service on both. */
async function inService({ stage }: TableStage): Promise<{ eni: string; addresses: ReadonlyArray<string> }> {
  const { networkInterfaces } = stage.clouds.ecs;
  const eni = networkInterfaces.create({ status: 'InUse', addresses: 2, tags: ROLE });
  const worker = { ...stage.worker(), timing: { ...stage.settings.timing, compareMs: 60_000 } };
  await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs: Date.now() }]);
  const inServiceRows = () =>
    stage.rows('backends').filter(({ row }) => String(row).includes('"in-service"')).length;
  await stage.tickUntil(stage.worker(), () => inServiceRows() === 2);
  return { eni, addresses: networkInterfaces.find(eni)?.privateIpAddresses ?? [] };
}

describe('network interfaces on the command line', () => {
  it('are planned address by address, with the key of an operator', async () => {
    const table = await setTableStage({ more: INTERFACES });
    const { networkInterfaces } = table.stage.clouds.ecs;
    const eni = networkInterfaces.create({ status: 'InUse', addresses: 2, tags: ROLE });
    const [first, second] = networkInterfaces.find(eni)?.privateIpAddresses ?? [];

    const { status, out } = await table.runAllowed(OPERATOR_POLICY, 'plan');

    expect(status).toBe(2);
    expect(out).toContain(`+ ${eni}@${first}:8080  join at weight 100`);
    expect(out).toContain(`+ ${eni}@${second}:8080  join at weight 100`);
  });

  it('are held behind a load balancer of shared performance, and status counts them', async () => {
    const table = await setTableStage({ more: INTERFACES });
    const { stage } = table;
    const shared = stage.clouds.foundation.store.collection<object>('slb/load-balancers');
    shared.set(LB, { ...shared.get(LB), loadBalancerSpec: 'slb.s0.share' });
    stage.clouds.ecs.networkInterfaces.create({ status: 'InUse', addresses: 2, tags: ROLE });

    const { out } = await table.run('plan');
    expect(out).toMatch(/! eni-\S+:8080 +held \(setting\)/);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('takes ECS instances only');
    await handleDriftSweep({ ...stage.worker(), timing: { ...stage.settings.timing, compareMs: 60_000 } }, [
      { kind: 'tick', triggeredAtMs: Date.now() },
    ]);
    const status = JSON.parse((await table.run('status', '--json')).out);

    expect(status.bindings[0].counts).toMatchObject({ held: 2, inService: 0 });
    expect(stage.slbWrites()).toEqual([]);
    expect(stage.clouds.slb.group(GROUP)?.backends).toEqual([]);
  });

  it('tell why, address by address, also of one that is gone', async () => {
    const table = await setTableStage({ more: INTERFACES });
    const { eni, addresses } = await inService(table);
    const names = addresses.map((address) => `web@${address}:8080`);

    const { status, out } = await table.runAllowed(OPERATOR_POLICY, 'why', eni);
    expect(status).toBe(0);
    for (const name of names) expect(out).toContain(name);

    table.stage.clouds.ecs.networkInterfaces.change(eni, { status: 'Available' });
    const worker = { ...table.stage.worker(), timing: { ...table.stage.settings.timing, compareMs: 60_000 } };
    await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs: Date.now() }]);
    await table.stage.tickUntil(table.stage.worker(), () => table.stage.group().length === 0);
    const later = await table.run('why', eni);

    expect(later.out).toContain('the instance is Available');
    for (const name of names) expect(later.out).toContain(name);
  });
});
