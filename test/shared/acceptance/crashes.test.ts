import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../../functions/instance-events/handler.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { diesAt, WorkerDied } from '../../support/crashes.ts';
import { type Stage, setStage } from '../../support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await stage.close();
});

/** Two instances that join, one that nobody selects, a copy, and something that nobody understands. */
function batchOf([first, second, other]: ReadonlyArray<string>): ReadonlyArray<InboundEvent> {
  const event = (id: string | undefined) => ({
    id: `45ef4dew-${id}`,
    source: 'acs.ecs',
    specversion: '1.0',
    type: 'ecs:Instance:StateChange',
    data: { resourceId: id, resourceType: 'ALIYUN::ECS::Instance', state: 'Running' },
  });
  return parseBatch(
    Buffer.from(JSON.stringify([event(first), event(second), event(first), event(other), 42])),
  );
}

async function begin(): Promise<ReadonlyArray<InboundEvent>> {
  const web = await stage.running(2);
  const other = await stage.running(1, { role: 'other' });
  return batchOf([...web, ...other]);
}

/** What stands in the tables and the group when all is done; ids differ between runs and are left out. */
function endState() {
  return {
    backends: stage.group().map((backend) => backend.replace(/^.*?:/, '')),
    phases: stage.rows('backends').map(({ row }) => JSON.parse(String(row)).phase),
    inbox: stage.rows('inbox').length,
    done: stage
      .rows('done')
      .map(({ result }) => String(result))
      .sort(),
    quarantined: stage.rows('quarantine').map(({ reason }) => String(reason)),
    isQuarantineNoted: stage.clouds.mns.peekMessages(QUEUES.quarantine, 1).length === 1,
    adds: stage.slbWrites().length,
  };
}

/** The calls of acceptance, in order; the first one of a lane's work follows. */
const STEPS = [
  'done.read',
  'instances.describe',
  'members.lanesOf',
  'quarantine.put',
  'inbox.put',
  'lanes.signal',
  'done.write',
  'lanes.read',
];

describe('a worker that dies while it accepts a batch', () => {
  it('makes these calls', async () => {
    const mortal = diesAt(stage.worker(), Number.POSITIVE_INFINITY, 'before');

    await handleInstanceEvents(mortal.worker, await begin());

    expect(mortal.calls().slice(0, STEPS.length)).toEqual(STEPS);
  });

  it.each(
    STEPS.flatMap((step, index) => [
      [step, 'before', index + 1] as const,
      [step, 'after', index + 1] as const,
    ]),
  )(
    'at %s (%s it took effect) leaves a batch that ends the same when it is delivered again',
    async (_, when, n) => {
      const batch = await begin();
      const mortal = diesAt(stage.worker(), n, when);

      // What happens inside a lane is not the batch's business, so only a death in acceptance shows.
      const death = handleInstanceEvents(mortal.worker, batch);
      if (n < STEPS.length) await expect(death).rejects.toThrow(WorkerDied);
      else await death;
      const survivor = stage.worker();
      await handleInstanceEvents(survivor, batch);
      await stage.tickUntil(survivor, () => stage.group().length === 2 && stage.rows('inbox').length === 0);
      await handleInstanceEvents(survivor, batch);

      expect(endState()).toEqual({
        backends: ['8080=100', '8080=100'],
        phases: ['in-service', 'in-service'],
        inbox: 0,
        done: [
          'accepted for lb-bp1orders0001',
          'accepted for lb-bp1orders0001',
          'not selected',
          expect.stringMatching(/^quarantined: /),
        ],
        quarantined: [expect.any(String)],
        isQuarantineNoted: true,
        adds: 1,
      });
    },
  );
});
