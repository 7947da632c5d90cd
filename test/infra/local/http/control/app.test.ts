import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createControlApp } from '../../../../../infra/local/http/control/app.ts';
import { controlTokenOf } from '../../../../../infra/local/http/control/token.ts';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { anEcsWorld, START_MS } from '../../world/ecs/world.ts';

let world: ReturnType<typeof anEcsWorld>;
let server: Listening;

beforeEach(async () => {
  world = anEcsWorld();
  server = await listen(createControlApp(world.foundation, world.ecs));
});
afterEach(() => server.close());

const token = () => controlTokenOf(world.foundation.identities.administrator);
async function post(path: string, body: unknown = {}, authorization: string | null = `Bearer ${token()}`) {
  const response = await fetch(`${server.endpoint}${path}`, {
    method: 'POST',
    ...(authorization === null ? {} : { headers: { authorization } }),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as Readonly<Record<string, string>>;
  return { status: response.status, body: answer };
}

describe('the control endpoint', () => {
  it('interrupts a spot instance, and says when it will be gone', async () => {
    const instanceId = world.running('SpotAsPriceGo');

    const answer = await post(`/instances/${instanceId}/interrupt`, '');

    expect(answer).toEqual({
      status: 200,
      body: { instanceId, releaseAt: new Date(START_MS + 10_300).toISOString() },
    });
    expect(world.said).toEqual(['PreemptibleInstanceInterruption +300']);
  });

  it('changes how an application behaves from now on, on one port or on all', async () => {
    const instanceId = world.running();
    const path = `/instances/${instanceId}/application`;
    const serves = () => [80, 81].map((port) => world.ecs.applications.serves(instanceId, port));

    const one = await post(path, { kind: 'never', port: 80 });
    const [on80, on81] = serves();
    const all = await post(path, { kind: 'never' });
    const none = serves();
    await post(path, { kind: 'serves', port: 80 });
    await post(path, { kind: 'flaps', upSeconds: 30, downSeconds: 10, port: 81 });
    const again = serves();
    world.clock.advanceBy(30_000);

    expect(one).toEqual({ status: 200, body: { instanceId, kind: 'never', port: 80 } });
    expect(all).toEqual({ status: 200, body: { instanceId, kind: 'never' } });
    expect([on80, on81]).toEqual([false, true]);
    expect([none, again, serves()]).toEqual([
      [false, false],
      [true, true],
      [true, false],
    ]);
  });

  it.each([
    [{ kind: 'hangs' }, 400, 'InvalidBody'],
    [{ kind: 'flaps', upSeconds: 0, downSeconds: 1 }, 400, 'InvalidBody'],
    [{ kind: 'never', port: 0 }, 400, 'InvalidBody'],
    [{ kind: 'never', afterSeconds: 3 }, 400, 'InvalidBody'],
    [{ kind: 'never' }, 404, 'InvalidInstanceId.NotFound'],
  ])('refuses an application like %j', async (body, status, code) => {
    const path = `/instances/${status === 404 ? 'i-unknown' : world.running()}/application`;

    expect(await post(path, body)).toMatchObject({ status, body: { code } });
  });

  it('schedules a system event, and calls one off', async () => {
    const instanceId = world.running();
    const eventType = 'SystemMaintenance.Reboot';
    const schedule = () =>
      post('/system-events', { instanceId, eventType, notBefore: '2026-11-20T16:10:00+08:00' });

    const first = await schedule();
    const second = await schedule();
    const canceled = await post(`/system-events/${first.body.eventId}/cancel`, { instanceId });
    const avoided = await post(`/system-events/${second.body.eventId}/avoid`);

    expect(first).toEqual({
      status: 201,
      body: { eventId: expect.stringMatching(/^e-/), instanceId, eventType },
    });
    expect(canceled).toEqual({ status: 200, body: { eventId: first.body.eventId, status: 'Canceled' } });
    expect(avoided).toEqual({ status: 200, body: { eventId: second.body.eventId, status: 'Avoided' } });
    expect(world.notices[0]?.members.notBefore).toBe('2026-11-20T08:10:00Z');
  });

  it('passes on how an event is to begin and to end', async () => {
    const instanceId = world.running();
    const eventType = 'SystemMaintenance.Reboot';

    await post('/system-events', { instanceId, eventType, inquiring: true, failing: true });
    world.clock.advanceBy(1_000);

    expect(world.notices.map(({ series }) => series?.status)).toEqual(['Inquiring', 'Executing', 'Failed']);
  });

  it('refuses what the world refuses, in its words', async () => {
    const instanceId = world.running();

    const noSpot = await post(`/instances/${instanceId}/interrupt`);
    const unknown = await post('/instances/i-unknown/interrupt');
    const noEvent = await post('/system-events/e-unknown/cancel');

    expect(noSpot).toMatchObject({ status: 409, body: { code: 'NotSpotInstance' } });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'InvalidInstanceId.NotFound' } });
    expect(noEvent).toMatchObject({ status: 404, body: { code: 'InvalidEventId.NotFound' } });
  });

  it('calls no event off that is another instance’s', async () => {
    const [owner, other] = [world.running(), world.running()];
    const eventType = 'SystemMaintenance.Stop';
    const notBefore = '2026-11-20T09:00:00Z';
    const { body } = await post('/system-events', { instanceId: owner, eventType, notBefore });

    const answer = await post(`/system-events/${body.eventId}/cancel`, { instanceId: other });

    expect(answer.status).toBe(404);
    expect(world.ecs.systemEvents()).toHaveLength(1);
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['a type that does not exist', { instanceId: 'i-1', eventType: 'SystemFailure.Explode' }],
    ['a member that does not exist', { instanceId: 'i-1', eventType: 'SystemFailure.Stop', notbefore: 1 }],
    [
      'a time without its zone',
      { instanceId: 'i-1', eventType: 'SystemFailure.Stop', notBefore: '2026-11-20T08:00:00' },
    ],
  ])('refuses a body with %s', async (_what, body) => {
    expect(await post('/system-events', body)).toMatchObject({ status: 400, body: { code: 'InvalidBody' } });
  });

  it('refuses a body that is too large', async () => {
    expect(await post('/system-events', 'x'.repeat(20_000))).toMatchObject({
      status: 413,
      body: { code: 'BodyTooLarge' },
    });
  });

  it('lets nobody in without the token', async () => {
    const instanceId = world.running('SpotAsPriceGo');
    const { accessKeySecret } = world.foundation.identities.administrator;
    const path = `/instances/${instanceId}/interrupt`;

    const answers = [
      await post(path, {}, null),
      await post(path, {}, 'Bearer wrong'),
      await post(path, {}, `Bearer ${accessKeySecret}`),
      await post(path, {}, `Basic ${token()}`),
      await post('/nowhere', {}, null),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(world.said).toEqual([]);
    expect((await post('/nowhere')).status).toBe(404);
  });
});
