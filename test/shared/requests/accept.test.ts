import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../shared/errors.ts';
import { acceptRequests, quarantineRequests } from '../../../shared/requests/accept.ts';
import { NOW_MS } from '../../support/builders.ts';
import { anIntake, aRequest, asked, signed } from '../../support/requests.ts';

const DRAIN = signed(aRequest());
const UNSIGNED = aRequest({ requestId: 'unsigned-1' });

describe('taking requests in', () => {
  it('records those that are admitted in their lane, and signals it', async () => {
    const { deps, rows, results, signalled } = anIntake();

    const report = await acceptRequests(deps, [asked(DRAIN), asked(DRAIN)]);

    expect(report).toEqual({
      lanes: ['req-binding-web'],
      admitted: 1,
      refused: 0,
      duplicates: 1,
      quarantined: 0,
    });
    expect([...rows.values()]).toMatchObject([{ phase: 'received', laneId: 'req-binding-web' }]);
    expect([signalled, results]).toEqual([['req-binding-web'], []]);
  });

  it('answers at once what nobody may ask for, and gives it no lane', async () => {
    const { deps, rows, results, signalled } = anIntake();

    const report = await acceptRequests(deps, [asked(UNSIGNED)]);

    expect(report).toMatchObject({ admitted: 0, refused: 1, lanes: [] });
    expect([...rows.values()]).toMatchObject([{ phase: 'ended', laneId: '' }]);
    expect(results).toMatchObject([{ requestId: 'unsigned-1', outcome: 'refused', code: 'unsigned' }]);
    expect(signalled).toEqual([]);
  });

  it('keeps the order in which they came', async () => {
    const { deps, rows } = anIntake();
    const later = signed(aRequest({ requestId: 'a-later-one' }));

    await acceptRequests(deps, [asked(DRAIN), asked(later)]);

    expect([...rows.values()].map(({ request, receivedAtMs }) => [request.requestId, receivedAtMs])).toEqual([
      ['deploy-4711', NOW_MS],
      ['a-later-one', NOW_MS + 1],
    ]);
  });

  it('answers a copy of one that has ended with the stored result', async () => {
    const first = anIntake();
    await acceptRequests(first.deps, [asked(UNSIGNED)]);
    const again = anIntake([...first.rows.values()]);
    await acceptRequests({ ...again.deps, clock: { nowMs: () => NOW_MS + 60_000 } }, [asked(UNSIGNED)]);

    expect(again.results).toEqual(first.results);
  });

  it('answers one that was refused elsewhere at the same time with what stands in the table', async () => {
    const elsewhere = anIntake();
    await acceptRequests(elsewhere.deps, [asked(UNSIGNED)]);
    const { deps, results } = anIntake([...elsewhere.rows.values()]);
    let reads = 0;
    const requests: typeof deps.requests = {
      ...deps.requests,
      // The first read was made before the other batch wrote.
      read: async (keys) => (reads++ === 0 ? [] : await deps.requests.read(keys)),
    };

    await acceptRequests({ ...deps, requests, clock: { nowMs: () => NOW_MS + 5_000 } }, [asked(UNSIGNED)]);

    expect(results).toEqual(elsewhere.results);
  });

  it('signals the lane of one that is open already, since its signal may be what was lost', async () => {
    const first = anIntake();
    await acceptRequests(first.deps, [asked(DRAIN)]);
    const { deps, signalled } = anIntake([...first.rows.values()]);

    expect(await acceptRequests(deps, [asked(DRAIN)])).toMatchObject({ admitted: 0, duplicates: 1 });
    expect(signalled).toEqual(['req-binding-web']);
  });

  it('throws when a result cannot be sent, so that the batch comes again', async () => {
    const { deps } = anIntake();
    const send = async () => {
      throw new TransientError('no', 'unavailable');
    };

    await expect(acceptRequests({ ...deps, results: { send } }, [asked(UNSIGNED)])).rejects.toThrow('no');
  });
});

describe('what is no request', () => {
  it('is put aside once however often it came, and told', async () => {
    const { deps, quarantined, results } = anIntake();
    const message = {
      kind: 'not-understood',
      reason: 'change request: change',
      text: '{}',
      messageId: 'm-1',
      requestId: 'odd-1',
    } as const;

    await quarantineRequests(deps, [message, { ...message, messageId: 'm-2' }]);

    expect(quarantined).toHaveLength(1);
    expect(results).toMatchObject([{ requestId: 'odd-1', outcome: 'quarantined', code: 'quarantined' }]);
  });
});
