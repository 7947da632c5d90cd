import { afterEach, describe, expect, it } from 'vitest';
import type { Change, ChangeRequest } from '../../../shared/requests/document.ts';
import type { VirtualStage } from '../../bench/virtual/stage.ts';
import { aRequest, signed } from '../../support/requests.ts';
import { put, setRequestStage, signedByOps, takeResults, weightOf, weightsOf } from './virtual.ts';

const HOUR_MS = 3_600_000;
let open: VirtualStage | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

async function play(instances: number, binding: object = {}) {
  const set = await setRequestStage(instances, binding);
  open = set.stage;
  return set;
}

let number = 0;
/** A request of `ci`, signed, under an id of its own. */
function ask(change: Change, overrides: Partial<ChangeRequest> = {}): ChangeRequest {
  return signed(aRequest({ requestId: `r-${++number}`, change, ...overrides }));
}

describe('a drain for a time', () => {
  it('is answered when it is in force, with its calls, and ends by itself', async () => {
    const { stage, ids } = await play(4);
    const request = ask({ kind: 'drain', binding: 'web', instances: [ids[0] ?? ''], for: '1h' });
    put(stage, request);
    await stage.pass(10_000);

    const [result, ...others] = await takeResults(stage);
    expect(others).toEqual([]);
    expect(result).toMatchObject({
      requestId: request.requestId,
      outcome: 'done',
      code: null,
      isWhole: true,
    });
    expect(result?.calls.flatMap(({ requestIds }) => requestIds)).not.toEqual([]);
    expect(weightOf(stage, ids[0] ?? '')).toBe(0);

    await stage.pass(60_000);
    expect(weightOf(stage, ids[0] ?? '')).toBeNull();
    await stage.pass(HOUR_MS);
    expect(weightsOf(stage)).toEqual([100, 100, 100, 100]);
    expect(await takeResults(stage)).toEqual([]);
  });

  it('is done once however often it is sent, and every copy gets the same answer', async () => {
    const { stage, ids } = await play(4);
    const request = ask({ kind: 'drain', binding: 'web', instances: [ids[0] ?? ''], for: '10m' });
    put(stage, request, request);
    await stage.pass(10_000);
    put(stage, request);
    await stage.pass(HOUR_MS);
    put(stage, request);
    await stage.pass(60_000);

    const results = await takeResults(stage);
    expect(results.length).toBeGreaterThanOrEqual(3);
    for (const each of results) expect(each).toEqual(results[0]);
    expect(weightsOf(stage)).toEqual([100, 100, 100, 100]);
  });
});

describe('a request that is refused', () => {
  it.each<[string, string, (ids: ReadonlyArray<string>) => ChangeRequest]>([
    [
      'altered after it was signed',
      'bad-signature',
      (ids) => ({ ...ask(drainOf(ids)), reason: 'something else' }),
    ],
    ['unsigned', 'unsigned', (ids) => aRequest({ requestId: 'u-1', change: drainOf(ids) })],
    ['about a stranger', 'not-a-member', () => ask(drainOf(['i-stranger']))],
    ['about a port that there is not', 'not-a-member', (ids) => ask({ ...drainOf(ids), ports: [9999] })],
    ['too late', 'expired', (ids) => ask(drainOf(ids), { notAfter: '2020-01-01T00:00:00Z' })],
    ['with the hash of another plan', 'stale-plan', (ids) => ask(drainOf(ids), { planHash: 'a'.repeat(64) })],
    [
      'that approves what nobody has asked for',
      'no-such-request',
      () => ask({ kind: 'approve', binding: 'web', requestId: 'nothing', planHash: 'a'.repeat(64) }),
    ],
  ])('because it is %s says %s, and nothing is done', async (_, code, make) => {
    const { stage, ids } = await play(3);
    put(stage, make(ids));
    await stage.pass(60_000);

    expect(await takeResults(stage)).toMatchObject([{ outcome: 'refused', code }]);
    expect(weightsOf(stage)).toEqual([100, 100, 100]);
  });

  it('because its id was another’s leaves that one alone', async () => {
    const { stage, ids } = await play(4);
    const first = ask(drainOf(ids), { requestId: 'same' });
    put(stage, first);
    await stage.pass(10_000);
    put(stage, ask(drainOf(ids.slice(1)), { requestId: 'same' }));
    await stage.pass(10_000);

    expect(await takeResults(stage)).toMatchObject([
      { outcome: 'done' },
      { outcome: 'refused', code: 'reused-id' },
    ]);
    expect(weightsOf(stage).filter((weight) => weight === 0)).toHaveLength(1);
  });

  it('because nobody can read it is told, too', async () => {
    const { stage } = await play(1);
    put(stage, '{"kind":"slb-autopilot/change-request","version":1,"requestId":"odd-1"}');
    await stage.pass(10_000);

    expect(await takeResults(stage)).toMatchObject([{ outcome: 'quarantined', requestId: 'odd-1' }]);
  });
});

const drainOf = (ids: ReadonlyArray<string>): Extract<Change, { kind: 'drain' }> => ({
  kind: 'drain',
  binding: 'web',
  instances: [ids[0] ?? ''],
  for: '1h',
});

describe('a dry run', () => {
  it('tells the plan with its hash, by which the same can be asked for', async () => {
    const { stage, ids } = await play(4);
    put(stage, ask(drainOf(ids), { dryRun: true }));
    await stage.pass(10_000);
    const [foreseen] = await takeResults(stage);

    expect(foreseen).toMatchObject({
      outcome: 'foreseen',
      plan: {
        steps: [
          { subject: `rsp-bp1web000001/${ids[0]}:8080`, action: 'set-weight', to: 'weight 0' },
          { subject: `rsp-bp1web000001/${ids[0]}:8080`, action: 'remove', to: 'after 30 s' },
        ],
        held: [],
      },
    });
    expect(weightsOf(stage)).toEqual([100, 100, 100, 100]);

    put(stage, ask(drainOf(ids), { planHash: foreseen?.planHash ?? '' }));
    await stage.pass(10_000);
    expect(await takeResults(stage)).toMatchObject([{ outcome: 'done' }]);
  });

  it('tells which guard would hold it', async () => {
    const { stage, ids } = await play(1);
    put(stage, ask(drainOf(ids), { dryRun: true }));
    await stage.pass(10_000);

    expect(await takeResults(stage)).toMatchObject([
      { outcome: 'foreseen', plan: { steps: [], held: [`rsp-bp1web000001/${ids[0]}:8080: min-in-service`] } },
    ]);
  });
});

describe('an approval', () => {
  const approve = (requestId: string, planHash: string) =>
    aRequest({
      requestId: `a-${++number}`,
      change: { kind: 'approve', binding: 'web', requestId, planHash },
    });

  it('by somebody else lets the very plan go ahead', async () => {
    const { stage, ids } = await play(4, { approval: 'required' });
    const request = ask(drainOf(ids));
    put(stage, request);
    await stage.pass(60_000);
    const [waiting] = await takeResults(stage);
    expect(waiting).toMatchObject({ outcome: 'awaiting-approval', requestId: request.requestId });
    expect(weightsOf(stage)).toEqual([100, 100, 100, 100]);

    const hash = waiting?.planHash ?? '';
    put(stage, signed(approve(request.requestId, hash)));
    await stage.pass(10_000);
    expect(await takeResults(stage)).toMatchObject([{ outcome: 'refused', code: 'self-approval' }]);

    put(stage, signedByOps(approve(request.requestId, hash)));
    await stage.pass(20_000);
    const results = await takeResults(stage);
    expect(results).toHaveLength(2);
    expect(results).toContainEqual(
      expect.objectContaining({ requestId: request.requestId, outcome: 'done', approvedBy: 'ops' }),
    );
    expect(weightOf(stage, ids[0] ?? '')).toBe(0);
  });

  it('of a plan that the world has overtaken is refused with both plans', async () => {
    const { stage, ids } = await play(4, { approval: 'required' });
    const request = ask(drainOf(ids));
    put(stage, request);
    await stage.pass(30_000);
    const [waiting] = await takeResults(stage);
    stage.clouds.ecs.stopInstance({ instanceId: ids[0] ?? '', forceStop: true });
    await stage.pass(180_000);
    put(stage, signedByOps(approve(request.requestId, waiting?.planHash ?? '')));
    await stage.pass(30_000);

    const stale = (await takeResults(stage)).find(({ requestId }) => requestId === request.requestId);
    expect(stale).toMatchObject({ outcome: 'refused', code: 'stale-plan', expectedPlan: waiting?.plan });
    expect(stale?.plan).not.toEqual(waiting?.plan);
  });
});

describe('another weight for a time', () => {
  it('is followed from its own delivery on, though others of its binding were on their way before', async () => {
    const { stage, ids } = await play(41);
    const lighter = (id: string) =>
      ask({ kind: 'set-weight', binding: 'web', instances: [id], percent: 20, for: '30m' });
    // More than one write takes, so that some are still followed when the last one comes.
    put(stage, ...ids.slice(0, 40).map(lighter));
    await stage.pass(3_000);
    put(stage, lighter(ids[40] ?? ''));
    await stage.pass(60_000);

    const outcomes = (await takeResults(stage)).map(({ outcome, reason }) => ({ outcome, reason }));
    expect(outcomes.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    expect(outcomes).toHaveLength(41);
    expect(weightsOf(stage)).toEqual(Array(41).fill(20));
  });

  it('survives full comparisons, and at its end the binding’s comes back within a tick', async () => {
    const { stage, ids } = await play(3, { join: { ramp: { steps: [50], every: '10s' } } });
    put(
      stage,
      ask({ kind: 'set-weight', binding: 'web', instances: [ids[0] ?? ''], percent: 20, for: '30m' }),
    );
    await stage.pass(30_000);
    expect(await takeResults(stage)).toMatchObject([{ outcome: 'done' }]);

    await stage.pass(29 * 60_000);
    expect(weightOf(stage, ids[0] ?? '')).toBe(20);
    await stage.pass(120_000);
    expect(weightOf(stage, ids[0] ?? '')).toBe(100);
  });
});

describe('a guard', () => {
  it('holds a request until somebody lifts it', async () => {
    const { stage, ids } = await play(1);
    put(stage, ask(drainOf(ids)));
    await stage.pass(60_000);
    expect(await takeResults(stage)).toEqual([]);
    expect(weightsOf(stage)).toEqual([100]);

    put(
      stage,
      ask({
        kind: 'lift-guard',
        binding: 'web',
        instances: [ids[0] ?? ''],
        guard: 'min-in-service',
        for: '10m',
      }),
    );
    await stage.pass(120_000);
    expect(await takeResults(stage)).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(weightOf(stage, ids[0] ?? '')).toBeNull();
  });

  it('that outlasts a request fails it', async () => {
    const { stage, ids } = await play(1);
    put(stage, ask({ ...drainOf(ids), for: '2m' }));
    await stage.pass(240_000);

    expect(await takeResults(stage)).toMatchObject(
      [{ outcome: 'failed', code: 'held', reason: /minInService/ }].map(({ reason: _, ...rest }) => rest),
    );
  });
});

describe('a release', () => {
  it('takes back a removal, and whoever was removed is in service again', async () => {
    const { stage, ids } = await play(4);
    put(stage, ask({ kind: 'remove', binding: 'web', instances: [ids[0] ?? ''] }));
    await stage.pass(60_000);
    put(stage, ask({ kind: 'release-override', binding: 'web', instances: [ids[0] ?? ''] }));
    await stage.pass(60_000);

    expect(await takeResults(stage)).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(weightsOf(stage)).toEqual([100, 100, 100, 100]);
  });
});

describe('an instance that nothing selects', () => {
  it('is in for a time when somebody asks for it', async () => {
    const { stage } = await play(2);
    const [guest = ''] = stage.clouds.ecs.runInstances({
      amount: 1,
      tags: [{ key: 'role', value: 'guest' }],
    });
    await stage.pass(60_000);
    put(stage, ask({ kind: 'join', binding: 'web', instances: [guest], for: '10m' }));
    await stage.pass(60_000);
    expect(await takeResults(stage)).toMatchObject([{ outcome: 'done' }]);
    expect(weightOf(stage, guest)).toBe(100);

    await stage.pass(12 * 60_000);
    expect(weightOf(stage, guest)).toBeNull();
  });
});
