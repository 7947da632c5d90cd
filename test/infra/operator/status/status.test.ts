import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { statusOfLane } from '../../../../infra/operator/status/lane.ts';
import { type Status, wantsEyes } from '../../../../infra/operator/status/model.ts';
import { describeStatus } from '../../../../infra/operator/status/report.ts';
import { emptyLane, NO_NOTES } from '../../../../shared/lanes/model.ts';
import type { BackendRow } from '../../../../shared/server-groups/backend/record.ts';
import { aRow, LB, NOW_MS } from '../../../support/builders.ts';
import { setCommandStage } from '../pairs/command-stage.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from '../table-stage.ts';

/** Records as functions would have left them. */
async function recorded({ stage }: TableStage, rows: ReadonlyArray<BackendRow>): Promise<void> {
  await stage.worker().backends.commit({
    loadBalancerId: LB,
    fence: 1,
    departed: [],
    audit: [],
    changes: rows.map((row) => ({ kind: 'put', row, expectedRevision: null })),
  });
}

const override = { ref: 'r-1', joins: false, weight: { is: 5 }, sinceMs: NOW_MS, untilMs: NOW_MS + 1 };
const countsIn = (out: string) => /^web +((?:\d+ +)+)/m.exec(out)?.[1]?.trim().split(/ +/).map(Number);

describe('autopilot status', () => {
  it('ends with 2 for no such binding, and with 3 where the tables may not be read', async () => {
    const table = await setTableStage();

    const ended = [
      await table.run('status', '--binding', 'db'),
      await table.runAllowed(['ecs:DescribeInstances'], 'status'),
    ];

    expect(ended.map(({ status }) => status)).toEqual([2, 3]);
  });

  it('counts the backends of a binding by what the records say, and ends with 1 for what is held', async () => {
    const table = await setTableStage();
    await recorded(table, [
      aRow('i-1'),
      aRow('i-2', { override }),
      aRow('i-3', { phase: 'joining' }),
      aRow('i-4', { phase: 'ramping' }),
      aRow('i-5', { phase: 'draining' }),
      aRow('i-6', { phase: 'removed' }),
      aRow('i-7', { held: { by: 'min-in-service', reason: 'no' } }),
      aRow('i-8', { held: { by: 'drift', reason: 'only reported' } }),
    ]);

    const { status, out } = await table.run('status');

    expect(status).toBe(1);
    expect(countsIn(out)).toEqual([4, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('ends with 0 where all is well, an override and a drain included', async () => {
    const table = await setTableStage();
    await recorded(table, [aRow('i-2', { override }), aRow('i-5', { phase: 'draining' })]);

    const { status, out } = await table.run('status');

    expect(status).toBe(0);
    expect(out).toContain('0 open requests; 0 quarantined messages');
  });

  it('tells which lane fails and why, and names lanes that belong to no binding', async () => {
    const table = await setTableStage();
    const { lanes } = table.stage.worker();
    const notes = { ...NO_NOTES, failures: 2, failure: 'SLB is down' };
    for (const id of [LB, 'asg-1']) {
      await lanes.change(id, {
        expect: {},
        set: { notes, nextWakeUpMs: Date.now() + 60_000 },
        nextFence: false,
      });
    }

    const { status, out } = await table.run('status', '--json');

    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      isWell: false,
      bindings: [
        { name: 'web', lane: { kind: 'failing', failures: 2, text: expect.stringContaining('SLB is down') } },
      ],
      otherLanes: [{ laneId: 'asg-1', kind: 'failing' }],
    });
  });

  it('counts quarantined messages, which want somebody’s eyes', async () => {
    const table = await setTableStage();
    const item = { key: 'quarantine:1', reason: 'no JSON', text: '{', messageId: null, atMs: NOW_MS };
    await table.stage.worker().quarantine.put([item]);

    const { status, out } = await table.run('status');

    expect(status).toBe(1);
    expect(out).toContain('1 quarantined message');
  });

  it('shows who the primary of a pair is, and its state', async () => {
    const stage = await setCommandStage();
    await stage.tick();

    const { status, out } = await stage.run('status', '--json');

    expect(status).toBe(0);
    expect(JSON.parse(out).pairs).toMatchObject([
      { name: 'orders-db', primaryId: stage.primaryId, isPaused: false, states: [{ kind: 'well' }] },
    ]);
  });

  it('asks the tables and nobody else, with no more than the policy of operators', async () => {
    const table = await setTableStage();
    table.calls();

    const { status } = await table.runAllowed(OPERATOR_POLICY, 'status');

    expect(status).toBe(0);
    expect(table.calls().filter((call) => !call.startsWith('ots '))).toEqual([]);
  });
});

describe('the table of a status', () => {
  const lane = {
    ...emptyLane(LB),
    notes: { ...NO_NOTES, failures: 3, failure: 'a reason '.repeat(12).trim() },
  };
  const none = {
    inService: 0,
    joining: 0,
    ramping: 0,
    draining: 0,
    out: 0,
    held: 0,
    overridden: 0,
    drift: 0,
  };
  const status: Status = {
    bindings: [
      {
        name: 'web',
        loadBalancerId: LB,
        vServerGroupId: 'rsp-1',
        counts: none,
        lane: statusOfLane(LB, lane, NOW_MS),
      },
    ],
    pairs: [],
    otherLanes: [],
    openRequests: 1,
    awaitingApproval: 1,
    quarantined: 0,
    sweep: null,
    nowMs: NOW_MS,
  };

  it('is no wider than the terminal', () => {
    const colors = pc.createColors(false);
    const screen = { write: () => {}, isInteractive: true, size: () => ({ columns: 100, rows: 30 }), colors };

    const out = describeStatus(status, screen);

    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(out).toContain('1 open request, 1 awaiting approval');
  });

  it('wants eyes for a request that waits for an approval alone', () => {
    expect(wantsEyes({ ...status, bindings: [] })).toBe(true);
    expect(wantsEyes({ ...status, bindings: [], awaitingApproval: 0 })).toBe(false);
  });
});
