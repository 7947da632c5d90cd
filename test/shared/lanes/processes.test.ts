import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { LB } from '../../support/builders.ts';
import { type Stage, setStage, until } from '../../support/stage.ts';
import type { WorkerOrder } from '../../support/worker-process.ts';

const SCRIPT = fileURLToPath(new URL('../../support/worker-process.ts', import.meta.url));

let stage: Stage;
const processes: Array<ChildProcess> = [];
afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await stage.close();
});

async function startProcess(order: WorkerOrder): Promise<ChildProcess> {
  const child = fork(SCRIPT, [JSON.stringify(order)], { execArgv: ['--import', 'tsx'] });
  processes.push(child);
  await once(child, 'message');
  return child;
}

const runningEvents = (ids: ReadonlyArray<string>) =>
  ids.map((id) => ({
    id: `45ef4dew-${id}`,
    source: 'acs.ecs',
    specversion: '1.0',
    type: 'ecs:Instance:StateChange',
    data: { resourceId: id, resourceType: 'ALIYUN::ECS::Instance', state: 'Running' },
  }));

/** Who holds the lane, and until when, as its row says. */
function lease(): { owner: string; leaseUntilMs: number } {
  const row = stage.rows('lanes').find(({ lane }) => lane === LB);
  return { owner: String(row?.owner ?? ''), leaseUntilMs: Number(row?.leaseUntilMs ?? 0) };
}

describe('two processes on one lane', () => {
  it('never write to the load balancer at the same time, and lose nothing', async () => {
    stage = await setStage({ timing: { gatherMs: 100 }, clouds: { switches: { slbGroupProcessingMs: 1 } } });
    stage.clouds.foundation.gate.setLatency('slb', 40);
    const ids = await stage.running(60);
    const events = runningEvents(ids);
    const { settings } = stage;

    await Promise.all([
      startProcess({ settings, kind: 'events', events: events.slice(0, 40) }),
      startProcess({ settings, kind: 'events', events: events.slice(20) }),
      startProcess({ settings, kind: 'wake-ups' }),
      startProcess({ settings, kind: 'ticks', everyMs: 200 }),
    ]);
    await until(() => stage.group().length === 60 && lease().owner === '', 20_000);

    expect(stage.group()).toEqual(ids.map((id) => `${id}:8080=100`).sort());
    const writes = [...stage.slbWrites()].sort((a, b) => a.startedAtMs - b.startedAtMs);
    const overlaps = writes.filter(
      (write, index) => index > 0 && write.startedAtMs < (writes[index - 1]?.endedAtMs ?? 0),
    );
    expect(writes.length).toBeGreaterThanOrEqual(3);
    expect(overlaps).toEqual([]);
    const refused = stage.clouds.foundation.gate.records.filter(
      ({ product, action, errorCode }) =>
        product === 'slb' && !action.startsWith('Describe') && errorCode !== null,
    );
    expect(refused).toEqual([]);
  }, 40_000);

  it.each([
    ['by the wake-up that the acquire left, within the lease + 5 s', { kind: 'wake-ups' as const }, 5_000],
    ['by the tick, within the lease + one tick', { kind: 'ticks' as const, everyMs: 2_000 }, 3_000],
  ])(
    'a lane whose holder was killed is continued %s',
    async (_, follower, graceMs) => {
      stage = await setStage({ timing: { leaseMs: 7_000, callTimeoutMs: 1_500 } });
      const { settings } = stage;
      // The holder hangs in its first read of the group, and is killed there.
      stage.clouds.foundation.faults.inject({
        name: 'slow read',
        match: { action: 'DescribeVServerGroupAttribute' },
        skip: 0,
        times: 1,
        effect: { kind: 'delay', beforeMs: 1_400, afterMs: 0 },
      });
      const ids = await stage.running(3);
      const holder = await startProcess({ settings, kind: 'events', events: runningEvents(ids) });
      await until(() => stage.clouds.foundation.faults.struck('slow read') === 1, 10_000);
      holder.kill('SIGKILL');
      const killedAtMs = Date.now();
      const { owner, leaseUntilMs } = lease();
      await startProcess({ settings, ...follower });

      await until(() => stage.group().length === 3, 20_000);
      await until(() => stage.slbWrites().length > 0);
      // The first look of whoever comes next; its write may still have to wait for the account's budget.
      const looks = stage.clouds.foundation.gate.records.filter(
        ({ action, startedAtMs }) => action === 'DescribeVServerGroupAttribute' && startedAtMs > killedAtMs,
      );
      const continuedAtMs = looks[0]?.startedAtMs ?? 0;
      expect(continuedAtMs).toBeGreaterThanOrEqual(leaseUntilMs);
      expect(continuedAtMs).toBeLessThanOrEqual(leaseUntilMs + graceMs);
      expect(owner).not.toBe(lease().owner);
      await until(() => stage.rows('inbox').length === 0);
    },
    40_000,
  );
});
