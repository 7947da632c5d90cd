import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleTick } from '../../../functions/tick/handler.ts';
import { LB } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const tableCalls = () => stage.clouds.foundation.gate.records.map(({ action }) => action);

describe('a tick', () => {
  it('with nothing due reads the table of lanes and nothing else', async () => {
    await handleTick(stage.worker(), [{ kind: 'tick' }]);

    expect(tableCalls()).toEqual(['GetRange']);
  });

  it('works every lane with a signal, also one that nobody was woken for', async () => {
    const worker = stage.worker();
    await worker.lanes.signal([LB]);

    expect((await handleTick(worker, [{ kind: 'tick' }])).lanes).toMatchObject({
      [LB]: { kind: 'unchanged' },
    });
    expect(await worker.lanes.read(LB)).toMatchObject({ dirty: 1, handled: 1, owner: null });
  });
});

describe('a wake-up', () => {
  it('that is not due costs one read', async () => {
    await handleTick(stage.worker(), [{ kind: 'wake-up', laneId: LB, dueAtMs: 0 }]);

    expect(tableCalls()).toEqual(['GetRow']);
  });

  it('for a load balancer that no binding names is dropped', async () => {
    const { lanes } = await handleTick(stage.worker(), [
      { kind: 'wake-up', laneId: 'lb-bp1unknown0001', dueAtMs: 0 },
    ]);

    expect([lanes, tableCalls()]).toEqual([{}, []]);
  });
});

describe('a message that is neither', () => {
  it('goes to quarantine when nobody understands it', async () => {
    const unknown = { kind: 'not-understood', reason: 'not JSON', text: '{{', messageId: 'M-1' } as const;

    const { accepted } = await handleTick(stage.worker(), [unknown]);

    expect(accepted).toMatchObject({ quarantined: 1 });
    expect(stage.rows('quarantine')).toMatchObject([{ reason: 'not JSON', text: '{{', messageId: 'M-1' }]);
  });
});
