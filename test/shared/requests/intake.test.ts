import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleTick } from '../../../functions/tick/handler.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import { TransientError } from '../../../shared/errors.ts';
import { takeInRequests } from '../../../shared/requests/intake.ts';
import type { RequestRow } from '../../../shared/requests/model.ts';
import { aRequest, asked } from '../../support/requests.ts';
import { type Stage, setStage } from '../../support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const refusal = () => new TransientError('the row is not to be written', 'unavailable');
/** Requests about nobody: each is answered at once, with a refusal. */
const about = (requestId: string) =>
  aRequest({ requestId, change: { kind: 'drain', binding: 'web', instances: ['i-nobody'], for: '2h' } });

/** A worker for which some rows cannot be stored, and what it puts back onto the queue. */
function aWorker(isBad: (row: RequestRow) => boolean, overrides: Partial<Production> = {}) {
  const worker = stage.worker();
  const back: Array<{ message: Record<string, unknown>; delaySeconds: number }> = [];
  const results: Array<Record<string, unknown>> = [];
  const deps: Production = {
    ...worker,
    requests: {
      ...worker.requests,
      put: async (rows) => {
        if (rows.some(isBad)) throw refusal();
        await worker.requests.put(rows);
      },
    },
    requestQueue: {
      send: async (text, delaySeconds) => {
        back.push({ message: JSON.parse(text), delaySeconds });
      },
    },
    results: {
      send: async (text) => {
        results.push(JSON.parse(text));
      },
    },
    ...overrides,
  };
  return { deps, back, results };
}
const storedIds = () =>
  stage
    .rows('requests')
    .flatMap(({ request }) => (typeof request === 'string' ? [JSON.parse(request).request.requestId] : []))
    .sort();

describe('one message that cannot be stored', () => {
  it('costs no other, and goes back with its story', async () => {
    const { deps, back, results } = aWorker(({ request }) => request.requestId === 'bad');

    const outcome = await takeInRequests(deps, [
      asked(about('bad'), { attempts: 2, story: ['once', 'twice'] }),
      asked(about('good-1')),
      asked(about('good-2')),
    ]);

    expect(outcome).toMatchObject({ again: 1, requests: { admitted: 2 } });
    expect(storedIds()).toEqual(['good-1', 'good-2']);
    expect(results.map(({ requestId }) => requestId).sort()).toEqual(['good-1', 'good-2']);
    const story = ['once', 'twice', expect.stringContaining('not to be written')];
    expect(back).toMatchObject([{ message: { attempts: 3, request: { requestId: 'bad' }, story } }]);
    expect(back[0]?.delaySeconds).toBeGreaterThan(0);
  });

  it('ends in quarantine after its last attempt, and who asked is told', async () => {
    const { deps, back, results } = aWorker(({ request }) => request.requestId === 'bad');

    await takeInRequests(deps, [asked(about('bad'), { attempts: 20, story: ['for weeks'] })]);

    expect([back, storedIds()]).toEqual([[], []]);
    expect(stage.rows('quarantine')).toMatchObject([{ reason: expect.stringContaining('for weeks') }]);
    expect(results).toMatchObject([{ requestId: 'bad', outcome: 'quarantined' }]);
  });
});

describe('a batch of which nothing can be stored', () => {
  const batch = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => asked(about(id)));

  it('goes back as a whole, after a few tries', async () => {
    let puts = 0;
    const { deps, back } = aWorker(() => {
      puts++;
      return true;
    });

    expect(await takeInRequests(deps, batch)).toMatchObject({ again: 6, lanes: {} });
    expect(back.map(({ message }) => (message.request as { requestId: string }).requestId).sort()).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ]);
    expect(puts).toBe(4);
  });

  it('is delivered again when the queue does not take it either', async () => {
    const send = async () => {
      throw new TransientError('the queue is away', 'unavailable');
    };
    const { deps } = aWorker(() => true, { requestQueue: { send } });

    await expect(takeInRequests(deps, batch)).rejects.toThrow('the queue is away');
  });
});

describe('a queue of results that takes nothing', () => {
  it('keeps no request from being carried out, and what ended is told later', async () => {
    const [id = ''] = await stage.running(1);
    await handleTick(stage.worker(), [{ kind: 'tick' }]);
    const send = async () => {
      throw new TransientError('no results today', 'unavailable');
    };
    const { deps, results } = aWorker(() => false);

    // The refused one stands in front.
    await takeInRequests({ ...deps, results: { send } }, [asked(about('a-refused'))]);
    const removal = aRequest({
      requestId: 'b-removal',
      change: { kind: 'remove', binding: 'web', instances: [id] },
    });
    await stage.worker().lanes.change('req-binding-web', {
      expect: {},
      set: { nextWakeUpMs: 0 },
      nextFence: false,
    });
    await takeInRequests({ ...deps, results: { send } }, [asked(removal)]);

    const rows = stage
      .rows('requests')
      .flatMap(({ request }) => (typeof request === 'string' ? [JSON.parse(request) as RequestRow] : []));
    expect(rows.find(({ request }) => request.requestId === 'b-removal')?.begunAtMs).not.toBeNull();
    expect(results).toEqual([]);
  });

  it('does not keep requests behind what nobody can read', async () => {
    const send = async () => {
      throw new TransientError('no results today', 'unavailable');
    };
    const { deps } = aWorker(() => false, { results: { send } });
    const unreadable = {
      kind: 'not-understood',
      reason: 'change request: change',
      text: '{}',
      messageId: 'm-1',
      requestId: null,
    } as const;

    await expect(takeInRequests(deps, [unreadable, asked(about('good'))])).rejects.toThrow('no results');
    expect(storedIds()).toEqual(['good']);
  });
});

describe('requests whose binding has left the configuration', () => {
  const late = '2999-01-01T00:00:00Z';

  it('are taken in again with their copies, and end', async () => {
    const { deps, results } = aWorker(() => false);
    await takeInRequests(deps, [asked({ ...about('early'), notBefore: late })]);
    expect(results).toEqual([]);

    await takeInRequests({ ...deps, bindings: [] }, [asked({ ...about('early'), notBefore: late })]);
    expect(results).toMatchObject([{ requestId: 'early', outcome: 'refused', code: 'unknown-target' }]);
  });

  it('end with a tick', async () => {
    const { deps, results } = aWorker(() => false);
    await takeInRequests(deps, [asked({ ...about('early'), notBefore: late })]);
    await deps.lanes.signal(['req-binding-web']);

    await handleTick({ ...deps, bindings: [] }, [{ kind: 'tick' }]);
    expect(results).toMatchObject([{ requestId: 'early', outcome: 'refused', code: 'unknown-target' }]);
    expect(await deps.requests.open('req-binding-web')).toEqual([]);
  });
});
