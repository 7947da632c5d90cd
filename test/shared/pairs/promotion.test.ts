import { afterEach, describe, expect, it } from 'vitest';
import {
  PAIR_GROUP,
  type PairStage,
  type PairStageOptions,
  setPairStage,
} from '../../bench/virtual/pair-stage.ts';

let stage: PairStage | null = null;
const set = async (options: PairStageOptions = {}) => {
  stage = await setPairStage(options);
  return stage;
};
afterEach(async () => {
  await stage?.close();
  stage = null;
});

describe('a primary that is stopped', () => {
  it('gives its place to the secondary, with a standby of the pool beside it, and the old group goes', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs, groupIds, row } = await set();
    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);

    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(120_000);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${standbyIds[0]}`]);
    expect(groupIds()).toHaveLength(1);
    expect(groupIds()).not.toContain(PAIR_GROUP);
    expect(row()?.saga).toMatchObject({ number: 1, kind: 'promotion', outcome: 'done' });
  });
});
