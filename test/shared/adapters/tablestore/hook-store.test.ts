import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvariantError } from '../../../../shared/errors.ts';
import type { HookChange, HookRow } from '../../../../shared/scaling/model.ts';
import { aHookRow, NOW_MS, SCALING_GROUP } from '../../../support/builders.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { openTables } from '../../../support/tables.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** The table with its rows of one group, each test's own. */
function aTable(name: string) {
  const scalingGroupId = `${SCALING_GROUP}-${name}`;
  const { hooks } = stage.worker();
  const commit = async (fence: number, ...changes: ReadonlyArray<HookChange>) =>
    (await hooks.commit({ fence, changes, audit: [] })).refused.length;
  return {
    hooks,
    scalingGroupId,
    commit,
    read: () => hooks.read(scalingGroupId),
    row: (overrides: Partial<HookRow> = {}) => aHookRow({ scalingGroupId, ...overrides }),
  };
}
const put = (row: HookRow, expectedRevision: number | null): HookChange => ({
  kind: 'put',
  row,
  expectedRevision,
});

describe('the hooks of messages', () => {
  const said = (scalingGroupId: string, token: string, activityId: string | null = 'asa-1') => ({
    scalingGroupId,
    lifecycleHookId: 'ash-1',
    token,
    activityId,
    instanceIds: ['i-1'],
    noticedAtMs: NOW_MS,
  });

  it('are rows that know nothing else, each token once', async () => {
    const { hooks, scalingGroupId, read } = aTable('notices');

    await hooks.notice([said(scalingGroupId, 't-1'), said(scalingGroupId, 't-2')]);
    await hooks.notice([{ ...said(scalingGroupId, 't-1'), noticedAtMs: NOW_MS + 1, instanceIds: [] }]);

    const rows = await read();
    expect(rows.map(({ token, phase, noticedAtMs }) => [token, phase, noticedAtMs])).toEqual([
      ['t-1', 'noticed', NOW_MS],
      ['t-2', 'noticed', NOW_MS],
    ]);
  });

  it('without a token are told apart by their activities', async () => {
    const { hooks, scalingGroupId, read } = aTable('tokenless');

    await hooks.notice([said(scalingGroupId, '', 'asa-1'), said(scalingGroupId, '', 'asa-2')]);

    expect((await read()).map(({ activityId }) => activityId)).toEqual(['asa-1', 'asa-2']);
  });

  it('never overwrite what somebody has worked on', async () => {
    const { hooks, scalingGroupId, commit, read } = aTable('worked-on');
    const row = aHookRow({ scalingGroupId, lifecycleHookId: 'ash-1', token: 't-1' });
    await commit(3, put(row, null));

    await hooks.notice([said(scalingGroupId, 't-1')]);

    expect(await read()).toEqual([row]);
  });
});

describe('a row of a hook', () => {
  it('comes back as it was written, the answer too', async () => {
    const { commit, read, row } = aTable('whole');
    const answer = { result: 'ROLLBACK', reason: '守护', clientToken: 'c', decidedAtMs: NOW_MS } as const;
    const whole = row({ answer, held: '“held”', instanceIds: ['i-1', 'i-2'], heartbeatMaxSeconds: 300 });

    expect(await commit(1, put(whole, null))).toBe(0);
    expect(await read()).toEqual([whole]);
  });

  it('is not written by who has read an older one, nor by a fence below its own', async () => {
    const { commit, read, row } = aTable('fenced');
    await commit(5, put(row({ revision: 1, fence: 5 }), null));

    expect(await commit(5, put(row({ revision: 1, fence: 5 }), null))).toBe(1);
    expect(await commit(4, put(row({ revision: 2, fence: 4 }), 1))).toBe(1);
    expect(await commit(6, put(row({ revision: 2, fence: 6, heartbeats: 7 }), 1))).toBe(0);
    expect(await commit(6, { kind: 'delete', row: row(), expectedRevision: 1 })).toBe(1);
    expect((await read()).map(({ heartbeats }) => heartbeats)).toEqual([7]);
    expect(await commit(6, { kind: 'delete', row: row(), expectedRevision: 2 })).toBe(0);
    expect(await read()).toEqual([]);
  });

  it('of no shape that we write is a defect, not a hook', async () => {
    const { scalingGroupId, read } = aTable('foreign');
    await openTables(stage).write({
      kind: 'put',
      table: 'hooks',
      key: { lane: scalingGroupId, key: 'x' },
      columns: { hook: '{"token":1}', revision: 1, fence: 1 },
    });

    await expect(read()).rejects.toThrow(InvariantError);
  });
});
