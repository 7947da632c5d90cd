import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Production } from '../../../../shared/adapters/production.ts';
import { InvariantError } from '../../../../shared/errors.ts';
import { emptyLane, type LaneChange, type LaneRow, NO_NOTES } from '../../../../shared/lanes/model.ts';
import { changedLane } from '../../../../shared/lanes/plan.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { openTables } from '../../../support/tables.ts';

let stage: Stage;
let worker: Production;
beforeAll(async () => {
  stage = await setStage();
  worker = stage.worker();
});
afterAll(() => stage.close());

/** What one actor does to the lane: a signal, or a change that expects what it last saw or something stale. */
type Move =
  | { readonly kind: 'signal' }
  | { readonly kind: 'change'; readonly change: LaneChange; readonly expectsCurrent: ReadonlyArray<string> };

const small = fc.nat({ max: 3 });
const instant = fc.constantFrom(0, NOW_MS, NOW_MS + 45_000);
const notes = fc.constantFrom(NO_NOTES, {
  verifyAtMs: NOW_MS,
  writtenAtMs: { 'rsp-1': NOW_MS },
  writableAtMs: { 'rsp-1': NOW_MS + 1, 'rsp-2': 0 },
  failures: 3,
});
const columns = fc.record(
  {
    owner: fc.constantFrom(null, 'owner-a', 'owner-b'),
    leaseUntilMs: instant,
    handled: small,
    nextWakeUpMs: fc.option(instant, { nil: null }),
    notes,
  },
  { requiredKeys: [] },
);
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.constant({ kind: 'signal' } as const),
  fc.record({
    kind: fc.constant('change' as const),
    change: fc
      .record({
        expect: fc.record({ fence: small, leaseUntilMs: instant, dirty: small }, { requiredKeys: [] }),
        set: columns,
        nextFence: fc.boolean(),
      })
      .filter(({ set, nextFence }) => nextFence || Object.keys(set).length > 0) as fc.Arbitrary<LaneChange>,
    // Half of all random expectations would fail; these are put right first.
    expectsCurrent: fc.subarray(['fence', 'leaseUntilMs', 'dirty']),
  }),
);

describe('the table of lanes', () => {
  it('does to a row what the model says, for any course of changes', async () => {
    let run = 0;
    const seen = { changed: 0, conflict: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 12 }), async (moves) => {
        const id = `lb-run${run++}`;
        let model: LaneRow = emptyLane(id);
        for (const next of moves) {
          if (next.kind === 'signal') {
            await worker.lanes.signal([id]);
            model = { ...model, dirty: model.dirty + 1 };
            continue;
          }
          const current = Object.fromEntries(
            next.expectsCurrent.map((column) => [column, model[column as keyof LaneRow]]),
          );
          const change = { ...next.change, expect: { ...next.change.expect, ...current } };
          const after = changedLane(model, change);
          const result = await worker.lanes.change(id, change);
          expect(result).toBe(after === null ? 'conflict' : 'changed');
          seen[result]++;
          model = after ?? model;
        }
        expect(await worker.lanes.read(id)).toEqual(model);
      }),
      { numRuns: 60, seed: 20260409 },
    );
    expect(seen.changed).toBeGreaterThan(50);
    expect(seen.conflict).toBeGreaterThan(50);
  });

  it('lists every lane as it reads it, and signals many in one call', async () => {
    const ids = ['lb-list1', 'lb-list2'];
    await worker.lanes.signal([...ids, 'lb-list1-other']);
    await worker.lanes.signal(ids);

    const all = await worker.lanes.list();

    const listed = all.filter(({ laneId }) => ids.includes(laneId));
    expect(listed).toEqual(ids.map((id) => ({ ...emptyLane(id), dirty: 2 })));
  });

  it('lets one of many take a free lane', async () => {
    const results = await Promise.all(
      ['a', 'b', 'c', 'd'].map((owner) =>
        stage.worker().lanes.change('lb-race', {
          expect: { fence: 0, leaseUntilMs: 0 },
          set: { owner, leaseUntilMs: NOW_MS },
          nextFence: true,
        }),
      ),
    );

    expect(results.filter((result) => result === 'changed')).toHaveLength(1);
    expect(await worker.lanes.read('lb-race')).toMatchObject({
      fence: 1,
      owner: ['a', 'b', 'c', 'd'][results.indexOf('changed')],
    });
  });

  it('says so when notes are not ours', async () => {
    await openTables(stage).write({
      kind: 'put',
      table: 'lanes',
      key: { lane: 'lb-foreign' },
      columns: { notes: '{"failures":"many"}' },
    });

    await expect(worker.lanes.read('lb-foreign')).rejects.toThrow(InvariantError);
  });
});
