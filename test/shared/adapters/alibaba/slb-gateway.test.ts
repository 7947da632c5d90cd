import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { createSlbGateway, SLB_API } from '../../../../shared/adapters/alibaba/slb-gateway.ts';
import { MissingGroupError, RefusedBackendError } from '../../../../shared/server-groups/errors.ts';
import type { Step, StepBackend } from '../../../../shared/server-groups/model.ts';
import type { ServerGroupGateway } from '../../../../shared/server-groups/ports.ts';
import { aBackend, GROUP, LB } from '../../../support/builders.ts';
import {
  answers,
  failureOf,
  type MisbehavingServer,
  startMisbehavingServer,
} from '../../../support/misbehaving-server.ts';
import { type Stage, setStage } from '../../../support/stage.ts';

const step = (kind: Step['kind'], backends: ReadonlyArray<StepBackend>): Step => ({
  kind,
  vServerGroupId: GROUP,
  backends,
});
const stepBackend = (serverId: string, weight: number): StepBackend => ({
  ...aBackend(serverId, { weight }),
  reason: 'a test',
});

describe('against SLB', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await setStage();
  });
  afterEach(() => stage.close());

  it('adds, sets and removes, and reads back exactly what it sent', async () => {
    const { groups, clock } = stage.worker();
    const [id = ''] = await stage.running(1);

    const added = await groups.send(step('add', [stepBackend(id, 100)]));
    expect(added.backends).toEqual([aBackend(id)]);
    expect(added.requestId).toMatch(/^[0-9A-F-]{36}$/);
    await groups.send(step('set-weight', [stepBackend(id, 0)]));
    const group = await groups.describe(GROUP);
    expect(group).toMatchObject({ vServerGroupId: GROUP, loadBalancerId: LB });
    expect(group.backends).toEqual([aBackend(id, { weight: 0 })]);
    expect(Math.abs(group.readAtMs - clock.nowMs())).toBeLessThan(5_000);
    expect((await groups.send(step('remove', [stepBackend(id, 0)]))).backends).toEqual([]);
  });

  it('names network interfaces and container instances with their type and address, and reads them back', async () => {
    const { groups } = stage.worker();
    const { ecs, eci } = stage.clouds;
    const eni = ecs.networkInterfaces.create({ status: 'InUse', addresses: 2 });
    const container = eci.create({});
    const addresses = [
      ...(ecs.networkInterfaces.find(eni)?.privateIpAddresses ?? []).map(
        (serverIp) => [eni, serverIp] as const,
      ),
      [container, eci.find(container)?.intranetIp ?? ''] as const,
    ];
    const backends = addresses.map(([id, serverIp]) => ({ ...stepBackend(id, 100), serverIp }));

    const added = await groups.send(step('add', backends));
    expect(added.backends).toEqual(addresses.map(([id, serverIp]) => aBackend(id, { serverIp })));
    await groups.send(
      step(
        'set-weight',
        backends.map((backend) => ({ ...backend, weight: 7 })),
      ),
    );
    expect((await groups.describe(GROUP)).backends.map(({ weight }) => weight)).toEqual([7, 7, 7]);
    await groups.send(step('remove', backends.slice(1)));
    expect((await groups.describe(GROUP)).backends).toEqual([
      aBackend(eni, { serverIp: addresses[0]?.[1] ?? '', weight: 7 }),
    ]);
  });

  it('says that one backend may be at fault when an address is there under another name', async () => {
    const { groups } = stage.worker();
    const [id = ''] = await stage.running(1);
    await groups.send(step('add', [stepBackend(id, 100)]));
    const { networkInterfaceId = '', privateIpAddress = '' } = stage.clouds.ecs.find(id) ?? {};
    const same = { ...stepBackend(networkInterfaceId, 100), serverIp: privateIpAddress };

    const { error } = await failureOf(groups.send(step('add', [same])));

    expect(error).toBeInstanceOf(RefusedBackendError);
    expect(error).toMatchObject({ origin: { code: 'InvalidBackendServers.ServerIpConflict' } });
  });

  it('keeps the mark when the cloud clears a description that Set leaves out', async () => {
    await stage.close();
    stage = await setStage({ clouds: { switches: { slbSetWithoutDescription: 'cleared' } } });
    const { groups } = stage.worker();
    const [id = ''] = await stage.running(1);
    await groups.send(step('add', [stepBackend(id, 100)]));

    await groups.send(step('set-weight', [stepBackend(id, 0)]));

    expect((await groups.describe(GROUP)).backends).toEqual([aBackend(id, { weight: 0 })]);
  });

  it('says that a group is missing, and that it may be one backend that is refused', async () => {
    const { groups } = stage.worker();
    const [id = ''] = await stage.running(1);
    stage.clouds.ecs.stopInstance({ instanceId: id, forceStop: true });

    const missing = (await failureOf(groups.describe('rsp-nowhere'))).error;
    expect(missing).toBeInstanceOf(MissingGroupError);
    expect(missing).toMatchObject({ origin: { code: 'InvalidParameter', requestId: expect.any(String) } });
    const refused = (await failureOf(groups.send(step('add', [stepBackend(id, 100)])))).error;
    expect(refused).toBeInstanceOf(RefusedBackendError);
    const unknown = await failureOf(groups.send(step('add', [stepBackend('i-nobody', 100)])));
    expect(unknown.error).toBeInstanceOf(RefusedBackendError);
  });

  it('sends a write once although the reply is lost, and says that it does not know', async () => {
    const { groups } = stage.worker();
    const [id = ''] = await stage.running(1);
    const { faults, gate } = stage.clouds.foundation;
    const match = { action: 'AddVServerGroupBackendServers' };
    faults.inject({ name: 'lost', match, skip: 0, times: null, effect: { kind: 'lose-reply' } });

    const { error } = await failureOf(groups.send(step('add', [stepBackend(id, 100)])));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unknown-outcome' });
    expect(gate.records.filter(({ action }) => action === match.action)).toHaveLength(1);
    expect((await groups.describe(GROUP)).backends).toEqual([aBackend(id)]);
  });

  it('reads again when a request or a reply is lost or the group is busy, within its time', async () => {
    const { groups } = stage.worker();
    const match = { action: 'DescribeVServerGroupAttribute' };
    for (const effect of [
      { kind: 'lose-request' } as const,
      { kind: 'lose-reply' } as const,
      { kind: 'error', status: 449, code: 'SystemBusy', message: 'busy' } as const,
    ]) {
      stage.clouds.foundation.faults.inject({ name: effect.kind, match, skip: 0, times: 2, effect });
      expect((await groups.describe(GROUP)).backends).toEqual([]);
      stage.clouds.foundation.faults.clear();
    }
  });
});

describe('strange answers', () => {
  let server: MisbehavingServer;
  let gateway: ServerGroupGateway;
  beforeEach(async () => {
    server = await startMisbehavingServer();
    const accessKey = () => ({ accessKeyId: 'k', accessKeySecret: 's', securityToken: null });
    const options = { endpoint: server.endpoint, ...SLB_API, regionId: 'cn-hangzhou' };
    const client = createRpcClient({ ...options, accessKey, timeoutMs: 500 });
    gateway = createSlbGateway(client, { nowMs: () => 0 });
  });
  afterEach(() => server.close());
  const answer = (body: object, status = 200) =>
    server.behave(answers(status, JSON.stringify(body), { 'content-type': 'application/json' }));

  it.each([
    [{ RequestId: 'R' }],
    [{ RequestId: 'R', VServerGroupId: '' }],
    [{ RequestId: 'R', VServerGroupId: null, LoadBalancerId: '', BackendServers: { BackendServer: [] } }],
  ])('without a group id mean that it is missing: %j', async (body) => {
    answer(body);

    const { error } = await failureOf(gateway.describe(GROUP));

    expect(error).toBeInstanceOf(MissingGroupError);
    expect(error).toMatchObject({ origin: { requestId: 'R' } });
  });

  it.each([
    [{ RequestId: 'R', VServerGroupId: GROUP, LoadBalancerId: LB }],
    [{ RequestId: 'R', VServerGroupId: GROUP, LoadBalancerId: LB, BackendServers: {} }],
    [{ RequestId: 'R', VServerGroupId: GROUP, BackendServers: { BackendServer: [] } }],
    [
      {
        RequestId: 'R',
        VServerGroupId: GROUP,
        LoadBalancerId: LB,
        BackendServers: { BackendServer: [{ ServerId: 'i-1', Port: 80 }] },
      },
    ],
  ])('that list no backends, or half of one, are never taken for an empty group: %j', async (body) => {
    answer(body);

    const { error } = await failureOf(gateway.describe(GROUP));

    expect(error).toMatchObject({ name: 'RejectedError', origin: { requestId: 'R' } });
    expect(error).not.toBeInstanceOf(MissingGroupError);
  });

  it('with numbers as text, addresses and no description are understood', async () => {
    const backend = (serverId: string) => ({
      ServerId: serverId,
      Port: '8080',
      Weight: '5',
      ServerIp: '10.0.0.7',
    });
    answer({
      RequestId: 'R',
      VServerGroupId: GROUP,
      LoadBalancerId: LB,
      BackendServers: { BackendServer: [backend('i-1'), backend('eni-1')] },
    });

    expect((await gateway.describe(GROUP)).backends).toEqual([
      aBackend('i-1', { weight: 5, description: '' }),
      aBackend('eni-1', { weight: 5, description: '', serverIp: '10.0.0.7' }),
    ]);
  });

  it('about another missing thing do not say that the group is', async () => {
    answer({ RequestId: 'R', Code: 'InvalidParameter', Message: 'The specified Port is invalid.' }, 400);

    expect((await failureOf(gateway.describe(GROUP))).error).not.toBeInstanceOf(MissingGroupError);
  });

  it('to a write that cannot be read leave its outcome unknown', async () => {
    answer({ RequestId: 'R' });

    const { error } = await failureOf(gateway.send(step('remove', [stepBackend('i-1', 0)])));

    expect(error).toMatchObject({ reason: 'unknown-outcome', origin: { requestId: 'R' } });
  });
});
