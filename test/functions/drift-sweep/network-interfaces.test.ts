import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { backendKey } from '../../../shared/server-groups/model.ts';
import { aBinding, GROUP, LB } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';

const TIMING = { compareMs: 60_000 };
const tick: InboundEvent = { kind: 'tick', triggeredAtMs: 1_775_708_280_000 };
const ROLE = [{ key: 'role', value: 'web' }];
const bindings = [
  aBinding({ type: 'eni', addresses: 'all', drain: { timeMs: 0 } }),
  aBinding({ name: 'jobs', type: 'eci', ports: [{ port: 8081, weight: 30 }], drain: { timeMs: 0 } }),
];

let stage: Stage;
beforeEach(async () => {
  stage = await setStage({ bindings, timing: TIMING });
});
afterEach(() => stage.close());

const compare = async () => {
  const { sweep } = await handleDriftSweep(stage.worker(), [tick]);
  if (sweep?.kind !== 'in-place') throw new Error('nothing was compared');
  return sweep;
};
/** `eni-…@10.0.1.1:8080=100` for each backend. */
const members = () =>
  (stage.clouds.slb.group(GROUP)?.backends ?? [])
    .map((backend) => `${backendKey(backend)}=${backend.weight}`)
    .sort();
/** An interface with two addresses and a container group, with their backends at full weight. */
const create = () => {
  const eni = stage.clouds.ecs.networkInterfaces.create({ status: 'InUse', addresses: 2, tags: ROLE });
  const eci = stage.clouds.eci.create({ tags: ROLE });
  const [first, second] = stage.clouds.ecs.networkInterfaces.find(eni)?.privateIpAddresses ?? [];
  const ofContainer = `${eci}@${stage.clouds.eci.find(eci)?.intranetIp}:8081=30`;
  return { eni, eci, ofInterface: [`${eni}@${first}:8080=100`, `${eni}@${second}:8080=100`], ofContainer };
};
const settle = async (expected: ReadonlyArray<string>) => {
  await stage.tickUntil(stage.worker(), () => members().join() === [...expected].sort().join());
};

describe('the full comparison of network interfaces and container groups', () => {
  it('brings them in, and takes them out when they serve no more', async () => {
    const { eni, eci, ofInterface, ofContainer } = create();

    await compare();
    await settle([...ofInterface, ofContainer]);
    expect(
      stage
        .rows('members')
        .map(({ server }) => server)
        .sort(),
    ).toEqual([eci, eni]);
    expect((await compare()).comparison).toMatchObject({ different: [], failed: {} });

    stage.clouds.ecs.networkInterfaces.change(eni, { status: 'Available' });
    stage.clouds.eci.change(eci, { status: 'Succeeded' });
    await compare();
    await settle([]);
    expect(stage.rows('members').filter((row) => LB in row)).toEqual([]);
  });

  it('holds them behind a load balancer of shared performance, without a call', async () => {
    await stage.close();
    stage = await setStage({ bindings, timing: TIMING });
    const { loadBalancers } = stage.worker();
    const shared = {
      ...loadBalancers,
      describe: async (id: string) => ({
        ...(await loadBalancers.describe(id)),
        spec: 'shared' as const,
      }),
    };
    create();
    const { sweep } = await handleDriftSweep({ ...stage.worker(), loadBalancers: shared }, [tick]);

    expect(sweep).toMatchObject({ counts: { held: 3 } });
    expect(stage.slbWrites()).toEqual([]);
  });

  it('keeps everybody in while a listing says nothing at all', async () => {
    const { ofInterface, ofContainer, eci } = create();
    await compare();
    await settle([...ofInterface, ofContainer]);
    const warnings: Array<string> = [];
    const logger = {
      info: () => {},
      error: () => {},
      warn: (_: object, text: string) => void warnings.push(text),
    };
    stage.clouds.eci.delete(eci);

    await handleDriftSweep(stage.worker({ logger }), [tick]);

    expect(members()).toContain(ofContainer);
    expect(warnings).toContain(
      'ECI lists no eci at all, as it does for an identity without permission: nobody is taken out for that',
    );
  });
});
