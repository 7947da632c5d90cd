import { describe, expect, it } from 'vitest';
import { createEcsGateway, ECS_VERSION } from '../../../../shared/adapters/alibaba/ecs-gateway.ts';
import { createRpcClient, type RpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { RejectedError, TransientError } from '../../../../shared/errors.ts';
import { failureOf, startMisbehavingServer } from '../../../support/misbehaving-server.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** An account: the instances that exist, the events of some, and what the role may ask. */
class Account {
  readonly calls: Array<{ api: string; parameters: Parameters }> = [];
  readonly events: Record<string, ReadonlyArray<object>> = {};
  maySeeInstances = true;
  maySeeFullStatus = true;
  /** Instances on one page of the full statuses, whatever was asked for. */
  pageSize = 100;
  onCall: (api: string, parameters: Parameters) => void = () => {};
  readonly #ids: ReadonlyArray<string>;

  constructor(ids: ReadonlyArray<string>) {
    this.#ids = ids;
  }

  openSystemEvents(ids: ReadonlyArray<string>) {
    const client: RpcClient = {
      call: async (api, _kind, parameters, schema) => {
        this.calls.push({ api, parameters });
        this.onCall(api, parameters);
        return schema.parse(this.#answer(api, parameters));
      },
    };
    return createEcsGateway(client).openSystemEvents(ids);
  }

  fullStatusCalls(): ReadonlyArray<Parameters> {
    return this.calls
      .filter(({ api }) => api === 'DescribeInstancesFullStatus')
      .map(({ parameters }) => parameters);
  }

  #answer(api: string, { InstanceId, InstanceIds, PageNumber, DryRun }: Parameters): object {
    if (DryRun === true) {
      const origin = {
        api,
        code: this.maySeeInstances ? 'DryRunOperation' : 'Forbidden.RAM',
        requestId: null,
      };
      throw new RejectedError('a dry run', origin);
    }
    if (api === 'DescribeInstances') {
      const asked: ReadonlyArray<string> = JSON.parse(String(InstanceIds));
      const seen = this.maySeeInstances ? this.#ids.filter((id) => asked.includes(id)) : [];
      const Instance = seen.map((id) => ({ InstanceId: id, Status: 'Running' }));
      return { RequestId: 'R', Instances: { Instance } };
    }
    const asked = InstanceId as ReadonlyArray<string>;
    const seen = this.maySeeFullStatus ? this.#ids.filter((id) => asked.includes(id)) : [];
    const from = (Number(PageNumber) - 1) * this.pageSize;
    const InstanceFullStatusType = seen.slice(from, from + this.pageSize).map((id) => ({
      InstanceId: id,
      Status: { Code: 1, Name: 'Running' },
      HealthStatus: { Code: 0, Name: 'OK' },
      ScheduledSystemEventSet: { ScheduledSystemEventType: this.events[id] ?? [] },
    }));
    return {
      RequestId: 'R',
      InstanceFullStatusSet: { InstanceFullStatusType },
      TotalCount: seen.length,
    };
  }
}

const event = (EventId: string, status: string, more: object = {}) => ({
  EventId,
  EventType: { Code: 1, Name: 'SystemMaintenance.Reboot' },
  EventCycleStatus: { Code: 24, Name: status },
  NotBefore: '2026-04-09T18:00:00Z',
  EventPublishTime: '2026-04-07T02:30:00Z',
  ImpactLevel: '',
  Reason: '',
  ...more,
});
const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => `i-${String(n).padStart(4, '0')}`);

describe('the open system events of instances', () => {
  it('come by instance, with an empty list for those that have none', async () => {
    const account = new Account(['i-1', 'i-2']);
    account.events['i-1'] = [event('e-1', 'Scheduled'), event('e-2', 'Inquiring', { NotBefore: '' })];

    expect(await account.openSystemEvents(['i-1', 'i-2'])).toEqual(
      new Map([
        [
          'i-1',
          [
            {
              eventId: 'e-1',
              eventType: 'SystemMaintenance.Reboot',
              status: 'Scheduled',
              notBeforeMs: Date.UTC(2026, 3, 9, 18),
            },
            {
              eventId: 'e-2',
              eventType: 'SystemMaintenance.Reboot',
              status: 'Inquiring',
              notBeforeMs: null,
            },
          ],
        ],
        ['i-2', []],
      ]),
    );
  });

  it('are without those that are over, and with those whose status nobody knows', async () => {
    const account = new Account(['i-1']);
    const statuses = ['Executed', 'Avoided', 'Canceled', 'Failed', 'Executing', 'Someday'];
    account.events['i-1'] = statuses.map((status) => event(`e-${status}`, status));

    const found = await account.openSystemEvents(['i-1']);

    expect(found.get('i-1')?.map(({ eventId }) => eventId)).toEqual(['e-Executing', 'e-Someday']);
  });

  it('are read where types, statuses or the whole list are left out', async () => {
    const account = new Account(['i-1']);
    account.events['i-1'] = [{ EventId: 'e-1' }];

    expect((await account.openSystemEvents(['i-1'])).get('i-1')).toEqual([
      { eventId: 'e-1', eventType: '', status: '', notBeforeMs: null },
    ]);
  });

  it('are asked for a hundred instances at a time, each once', async () => {
    const ids = numbered(201);
    const account = new Account(ids);

    const found = await account.openSystemEvents([...ids, ...ids]);

    expect([...found.keys()].sort()).toEqual(ids);
    expect(account.calls).toHaveLength(3);
    const asked = account.fullStatusCalls().map(({ InstanceId }) => InstanceId as ReadonlyArray<string>);
    expect(asked.map(({ length }) => length)).toEqual([100, 100, 1]);
  });

  it('are read over all pages', async () => {
    const ids = numbered(70);
    const account = new Account(ids);
    account.pageSize = 30;
    account.events['i-0069'] = [event('e-1', 'Scheduled')];

    const found = await account.openSystemEvents(ids);

    expect(found.size).toBe(70);
    expect(found.get('i-0069')).toHaveLength(1);
    expect(account.fullStatusCalls().map(({ PageNumber }) => PageNumber)).toEqual([1, 2, 3]);
  });

  it('are not given at all when one page fails', async () => {
    const account = new Account(numbered(150));
    account.onCall = () => {
      if (account.calls.length === 2) throw new TransientError('slow down', 'throttled');
    };

    expect((await failureOf(account.openSystemEvents(numbered(150)))).error).toMatchObject({
      reason: 'throttled',
    });
  });

  it('are asked for by the names that the API knows', async () => {
    const server = await startMisbehavingServer();
    let asked = new URLSearchParams();
    server.behave((response, request) => {
      asked = new URL(request.url ?? '', server.endpoint).searchParams;
      const InstanceFullStatusType = ['i-1', 'i-2'].map((InstanceId) => ({ InstanceId }));
      const answer = {
        RequestId: 'R',
        InstanceFullStatusSet: { InstanceFullStatusType },
        TotalCount: 2,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    const client = createRpcClient({
      endpoint: server.endpoint,
      version: ECS_VERSION,
      regionId: 'cn-hangzhou',
      accessKey: () => ({ accessKeyId: 'id', accessKeySecret: 'secret', securityToken: null }),
      timeoutMs: 5_000,
    });

    await createEcsGateway(client).openSystemEvents(['i-2', 'i-1']);
    await server.close();

    expect(Object.fromEntries(asked)).toEqual({
      RegionId: 'cn-hangzhou',
      'InstanceId.1': 'i-1',
      'InstanceId.2': 'i-2',
      PageNumber: '1',
      PageSize: '100',
    });
  });

  it('of no instances cost no call', async () => {
    const account = new Account([]);

    expect(await account.openSystemEvents([])).toEqual(new Map());
    expect(account.calls).toEqual([]);
  });
});

describe('an instance that is left out of the answer', () => {
  it('is gone if it is nowhere else, by a role that may look', async () => {
    const account = new Account(['i-1']);

    expect([...(await account.openSystemEvents(['i-1', 'i-gone'])).keys()]).toEqual(['i-1']);
  });

  it('makes it an error if it exists: the role may not ask for system events', async () => {
    const account = new Account(['i-1', 'i-2']);
    account.maySeeFullStatus = false;

    const { error } = await failureOf(account.openSystemEvents(['i-1', 'i-2']));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unavailable' });
    expect(String(error)).toContain('2 instances');
  });

  it('makes it an error if the role may not list instances either', async () => {
    const account = new Account(['i-1']);
    account.maySeeFullStatus = false;
    account.maySeeInstances = false;

    expect((await failureOf(account.openSystemEvents(['i-1']))).error).toBeInstanceOf(RejectedError);
  });

  it('makes pages that never end an error', async () => {
    const calls: Array<string> = [];
    const client: RpcClient = {
      call: async (api, _kind, _parameters, schema) => {
        calls.push(api);
        const InstanceFullStatusType = [{ InstanceId: 'i-again' }];
        return schema.parse({
          RequestId: 'R',
          InstanceFullStatusSet: { InstanceFullStatusType },
          TotalCount: 1_000,
        });
      },
    };

    expect((await failureOf(createEcsGateway(client).openSystemEvents(numbered(1)))).error).toMatchObject({
      reason: 'unavailable',
    });
    expect(calls).toHaveLength(30);
  });
});
