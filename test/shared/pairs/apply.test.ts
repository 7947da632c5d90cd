import { describe, expect, it, vi } from 'vitest';
import type { Signal } from '../../../shared/acceptance/model.ts';
import { RejectedError, TransientError } from '../../../shared/errors.ts';
import type { PairCommit } from '../../../shared/pairs/ports.ts';
import { anInstance, NOW_MS } from '../../support/builders.ts';
import { aPairPass } from '../../support/pair-pass.ts';
import {
  aGroup,
  aListener,
  aPair,
  aPairRow,
  aSaga,
  members,
  PRIMARY,
  SECONDARY,
} from '../../support/pairs.ts';

const abnormal = {
  listenerPort: 3306,
  protocol: 'tcp',
  serverId: PRIMARY,
  port: 3306,
  status: 'abnormal',
} as const;
const bad = { finding: 'bad', text: 'as before', sinceMs: NOW_MS - 60_000 } as const;
const good = { finding: 'good', text: 'Running', sinceMs: NOW_MS - 60_000 } as const;
const accused = { [PRIMARY]: { health: bad, ecs: good, probe: bad, heardAtMs: NOW_MS - 5_000 } };

/** Grants every call. */
const aFreeBudget = {
  settings: { slotMs: 5_000 },
  nowMs: () => NOW_MS,
  reserve: async () => ({ granted: 1, untilMs: NOW_MS + 4_000, retryAtMs: NOW_MS + 5_000 }),
};

describe('a pass whose instances hang', () => {
  const pool = Array.from({ length: 20 }, (_, index) => anInstance(`i-bp1pool${index + 10}`));
  const hanging = new Set([PRIMARY, ...pool.map(({ instanceId }) => instanceId)]);

  it('comes to its decision in one pass, however many of the pool hang', async () => {
    const { run, row, passedMs } = aPairPass({
      pair: aPair({ probe: { probe: { kind: 'tcp', timeoutMs: 5_000 }, everyMs: 5_000 } }),
      row: aPairRow({ testimonies: accused }),
      health: [abnormal],
      pool,
      hanging,
    });

    const result = await run();

    expect(row().saga).toMatchObject({ kind: 'promotion', to: members(SECONDARY, PRIMARY) });
    expect([result.isOutOfTime, result.failure]).toEqual([false, null]);
    expect(passedMs()).toBeLessThan(20_000);
  });
});

describe('a pass whose row is written by somebody else meanwhile', () => {
  it('forgets no signal that the row does not know of', async () => {
    const signal: Signal = {
      key: 'spot',
      instanceId: PRIMARY,
      news: {
        kind: 'leave',
        cause: 'spot-reclaim',
        ref: null,
        fromMs: null,
        deadlineAtMs: null,
        untilMs: null,
      },
      eventAtMs: NOW_MS,
      acceptedAtMs: NOW_MS,
    };
    const removed = vi.fn(async () => {});
    let row = aPairRow({ testimonies: accused, number: 1, saga: aSaga() });
    let refusals = 1;
    const { run } = aPairPass({
      row,
      ports: {
        inbox: { read: async () => [signal], remove: removed },
        pairRows: {
          read: async () => ({ row, orders: [] }),
          commit: async (commit: PairCommit) => {
            if (refusals-- > 0) return false;
            row = commit.row;
            return true;
          },
          removeOrders: async () => {},
        },
      },
    });

    await run();

    expect(row.notices).toMatchObject([{ serverId: PRIMARY, cause: 'spot-reclaim' }]);
    expect(removed).toHaveBeenCalledTimes(1);
  });
});

describe('a listener that SLB goes on to show as it was', () => {
  it('is not pointed again before that has settled', async () => {
    const groupId = 'rsp-bp1new';
    const made = aGroup({ groupId, name: 'slb-autopilot/orders-db/1', members: aSaga().to });
    const send = vi.fn(async () => ({ requestId: 'R', groupId: null }));
    const { run } = aPairPass({
      row: aPairRow({ number: 1, saga: aSaga({ phase: 'repoint', groupId }) }),
      ports: {
        pairGroups: {
          groups: async () => ({ groups: [aGroup(), made], users: new Map() }),
          describe: async (id: string) => (id === groupId ? made : aGroup()),
          listener: async () => aListener(),
          send,
        },
        budget: aFreeBudget,
      },
    });

    const { nextLookMs } = await run();

    expect(send).toHaveBeenCalledTimes(1);
    expect(nextLookMs).toBe(NOW_MS + 3_000);
  });
});

describe('a pass that fails after a call was refused', () => {
  it('leaves the refusal in the journal and in the audit', async () => {
    let reads = 0;
    const { run, commits, row } = aPairPass({
      row: aPairRow({ number: 1, saga: aSaga() }),
      ports: {
        pairGroups: {
          groups: async () => {
            if (++reads > 1) throw new TransientError('throttled', 'throttled');
            return { groups: [aGroup()], users: new Map() };
          },
          describe: async () => aGroup(),
          listener: async () => aListener(),
          send: async () => {
            throw new RejectedError('no', { api: 'Create', code: 'Forbidden.RAM', requestId: 'R' });
          },
        },
        budget: aFreeBudget,
      },
    });

    const result = await run();

    expect(result.failure?.error).toBeInstanceOf(TransientError);
    expect(row().saga).toMatchObject({ phase: 'undo', failure: { code: 'Forbidden.RAM', requestId: 'R' } });
    expect(commits.flatMap(({ audit }) => audit.map(({ action }) => action))).toContain('pair-call-refused');
  });
});

describe('a pool that several pairs share', () => {
  const stoppedPrimary = {
    row: aPairRow({ testimonies: { [PRIMARY]: { health: bad, ecs: bad, probe: bad, heardAtMs: NOW_MS } } }),
    health: [abnormal],
  };
  const pool = Array.from({ length: 30 }, (_, index) => anInstance(`i-bp1pool${index + 10}`));
  const instances = [anInstance(PRIMARY, { status: 'Stopped' }), anInstance(SECONDARY), ...pool];
  const index = new Map(
    pool.slice(0, 25).map(({ instanceId }) => [instanceId, new Set(['pair-other'])] as const),
  );

  it('has a standby to give though the first twenty are taken', async () => {
    const { run, row } = aPairPass({
      ...stoppedPrimary,
      pool,
      instances,
      index,
      pairs: [aPair(), aPair({ name: 'other' })],
    });

    await run();

    expect(row().saga?.to).toEqual(members(SECONDARY, 'i-bp1pool35'));
  });

  it('gives those again that belonged to a pair which is not configured any more', async () => {
    const { run, row } = aPairPass({ ...stoppedPrimary, pool, instances, index });

    await run();

    expect(row().saga?.to).toEqual(members(SECONDARY, 'i-bp1pool10'));
  });
});
