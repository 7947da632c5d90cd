import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleDriftSweep } from '../../../functions/drift-sweep/handler.ts';
import type { SweepReport } from '../../../shared/sweep/model.ts';
import { aBinding, GROUP } from '../../support/builders.ts';
import { type Stage, setStage, until } from '../../support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  const timing = { compareMs: 60_000, gatherMs: 2_000 };
  stage = await setStage({
    bindings: [aBinding()],
    timing,
    clouds: { switches: { slbAssociationLingersMs: 0 } },
  });
});
afterEach(() => stage.close());

/** Sweeps, and returns what the audit says of it. */
const sweep = async (): Promise<SweepReport> => {
  const known = new Set(stage.rows('audit').map(({ id }) => id));
  await handleDriftSweep(stage.worker(), [{ kind: 'tick', triggeredAtMs: 1_775_708_280_000 }]);
  const [entry] = stage
    .rows('audit')
    .filter(({ id, action }) => !known.has(id) && action === 'sweep-reported');
  return JSON.parse(String(entry?.inputs));
};
const inService = async (count: number) => {
  const ids = await stage.running(count);
  await sweep();
  const confirmed = () =>
    stage.rows('backends').filter(({ row }) => String(row).includes('in-service')).length;
  await stage.tickUntil(stage.worker(), () => confirmed() === count);
  return ids;
};

describe('what a sweep tells', () => {
  it('has a missing member among what it has found, though its join waits for company', async () => {
    const [id] = await stage.running(1);

    const { counts, sections } = await sweep();

    expect(counts).toMatchObject({ found: 1, held: 0 });
    expect(sections[0]?.lines).toMatchObject([
      { kind: 'change', action: 'add', subject: `${GROUP}/${id}:8080`, to: 'weight 100' },
    ]);
  });

  it('does not take one for well whose instance ECS does not list, before that is proof', async () => {
    const [gone = ''] = await inService(2);
    stage.clouds.ecs.deleteInstance({ instanceId: gone, force: true });
    await until(() => stage.clouds.ecs.find(gone) === null);

    const { sections } = await sweep();

    expect(sections[0]).toMatchObject({ inService: 1 });
    expect(sections[0]?.lines).toMatchObject([
      {
        kind: 'under-way',
        subject: `${GROUP}/${gone}:8080`,
        reason: expect.stringContaining('ECS does not list its instance'),
      },
    ]);
  });

  it('says of the members of a group that is gone that they wait for it', async () => {
    const [id] = await inService(1);
    const { slb } = stage.clouds;
    for (const listener of slb.listeners.usersOf(GROUP)) slb.listeners.delete(listener);
    slb.vServerGroups.delete(GROUP);

    const { sections } = await sweep();

    expect(sections[0]?.lines).toMatchObject([
      { kind: 'held', subject: GROUP, by: 'group' },
      {
        kind: 'under-way',
        subject: `${GROUP}/${id}:8080`,
        reason: 'its group: the vServer group does not exist',
      },
    ]);
  });
});
