import { describe, expect, it, onTestFinished } from 'vitest';
import { createControlApp } from '../../../infra/local/http/control/app.ts';
import { controlTokenOf } from '../../../infra/local/http/control/token.ts';
import { listen } from '../../../infra/local/http/listen.ts';
import { createControlClient } from '../../../infra/operator/control-client.ts';
import { RejectedError, TransientError } from '../../../shared/errors.ts';
import { anEcsWorld } from '../local/world/ecs/world.ts';

async function aWorldUnderControl() {
  const world = anEcsWorld();
  const server = await listen(createControlApp(world.foundation, world.ecs));
  onTestFinished(() => server.close());
  const { administrator, accountId } = world.foundation.identities;
  const endpoint = server.endpoint;
  const connection = {
    accountId,
    region: world.foundation.region,
    accessKeyId: administrator.accessKeyId,
    accessKeySecret: administrator.accessKeySecret,
    controlToken: controlTokenOf(administrator),
    otsInstance: 'slb-autopilot',
    endpoints: {
      slb: endpoint,
      ecs: endpoint,
      ess: endpoint,
      eci: endpoint,
      cms: endpoint,
      ots: endpoint,
      mns: endpoint,
      fc: endpoint,
      control: endpoint,
    },
  };
  return { ...world, server, connection };
}
const failureOf = (call: Promise<unknown>) => call.then(() => null).catch((error: unknown) => error);

describe('the control client', () => {
  it('tells a refusal with its code, whatever the instance is called', async () => {
    const { connection } = await aWorldUnderControl();

    const failure = await failureOf(createControlClient(connection).interrupt('../system-events?'));

    expect(failure).toBeInstanceOf(RejectedError);
    expect(failure).toMatchObject({ origin: { code: 'InvalidInstanceId.NotFound' } });
  });

  it('is refused with the token of other clouds', async () => {
    const { connection } = await aWorldUnderControl();

    const failure = await failureOf(
      createControlClient({ ...connection, controlToken: 'other' }).interrupt('i-1'),
    );

    expect(failure).toMatchObject({ name: 'RejectedError', origin: { code: 'Unauthorized' } });
  });

  it('does not know what became of an order without an answer', async () => {
    const { connection, server } = await aWorldUnderControl();
    await server.close();

    const failure = await failureOf(createControlClient(connection).interrupt('i-1'));

    expect(failure).toBeInstanceOf(TransientError);
    expect(failure).toMatchObject({ reason: 'unknown-outcome' });
  });
});
