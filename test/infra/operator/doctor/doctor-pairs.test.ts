import { describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../../infra/operator/doctor/model.ts';
import { LB } from '../../../support/builders.ts';
import { type CommandStageOptions, setCommandStage } from '../pairs/command-stage.ts';
import { runHere } from '../run-here.ts';
import { variablesOf } from './doctor-stage.ts';

async function aDiagnosis(options: CommandStageOptions = {}) {
  const stage = await setCommandStage(options);
  const ask = async () => {
    const { status, out } = await stage.run('doctor', '--json');
    const { findings }: { findings: ReadonlyArray<Finding> } = JSON.parse(out);
    return { status, findings, troubles: findings.filter(({ severity }) => severity !== 'ok') };
  };
  return { ...stage, ask };
}

describe('doctor beside a pair', () => {
  it('finds nothing wrong where nothing is, and writes nothing', async () => {
    const { ask, run, writes } = await aDiagnosis();
    writes();

    const { status, troubles } = await ask();
    const { out } = await run('doctor');

    expect(troubles).toEqual([]);
    expect(status).toBe(0);
    expect(writes()).toEqual([]);
    expect(out).toContain('cn-hangzhou, 0 bindings, 1 pair\n');
    expect(out).toMatch(/pair orders-db/);
  });

  it('finds a vServer group behind a listener, and explains', async () => {
    const { ask, clouds } = await aDiagnosis({ listeners: ['tcp:3306', 'tcp:3307'] });
    clouds.slb.seedVServerGroup({ vServerGroupId: 'rsp-bp1weights', loadBalancerId: LB, name: 'weights' });
    clouds.slb.listeners.delete({ loadBalancerId: LB, listenerPort: 3307, listenerProtocol: 'tcp' });
    clouds.slb.seedListener({
      loadBalancerId: LB,
      listenerPort: 3307,
      listenerProtocol: 'tcp',
      vServerGroupId: 'rsp-bp1weights',
    });

    const { status, troubles } = await ask();

    expect(status).toBe(1);
    expect(troubles).toMatchObject([
      {
        severity: 'error',
        check: 'pair-group',
        where: { listener: 'tcp:3307', vServerGroup: 'rsp-bp1weights' },
      },
    ]);
  });

  it('finds a listener that is not there, a secondary that stopped and an empty pool', async () => {
    const { ask, clouds, secondaryId } = await aDiagnosis({ listeners: ['tcp:3306', 'udp:53'], standbys: 0 });
    clouds.slb.listeners.delete({ loadBalancerId: LB, listenerPort: 53, listenerProtocol: 'udp' });
    clouds.ecs.stopInstance({ instanceId: secondaryId });
    await expect.poll(() => clouds.ecs.find(secondaryId)?.status).toBe('Stopped');

    const { troubles } = await ask();

    expect(troubles.map(({ severity, check }) => `${severity} ${check}`)).toEqual([
      'error pair-listener',
      'error pair-members',
      'warning pair-pool',
    ]);
  });

  it('sees all of it with the role of the functions', async () => {
    const { clouds, config } = await aDiagnosis();
    const role = clouds.foundation.identities.assumeRole('slb-autopilot-functions', 'test', 60_000);
    for (const [name, value] of Object.entries(variablesOf(clouds, role))) vi.stubEnv(name, value);
    try {
      const { status, out } = await runHere(['doctor', '--config', config, '--json']);

      expect(status).toBe(0);
      expect(out).toContain('both Running');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
