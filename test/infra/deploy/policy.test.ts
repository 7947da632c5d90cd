import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENT_FILES } from '../../../infra/deploy/files.ts';
import { isAllowed, PolicyDocumentSchema } from '../../../infra/local/world/policy.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { TABLES } from '../../../shared/adapters/tablestore/tables.ts';
import { productCalls } from './product-calls.ts';

const policy = PolicyDocumentSchema.parse(JSON.parse(readFileSync(DEPLOYMENT_FILES.functionPolicy, 'utf8')));
const requesterPolicy = PolicyDocumentSchema.parse(
  JSON.parse(readFileSync(DEPLOYMENT_FILES.requesterPolicy, 'utf8')),
);
const calls = await productCalls();

describe('the policy of the functions', () => {
  it('allows every call that the adapters make, on everything that it is about', () => {
    const denied = calls.flatMap(({ action, resources }) =>
      resources
        .filter((resource) => !isAllowed([policy], action, resource))
        .map((resource) => [action, resource]),
    );

    expect(calls.length).toBeGreaterThan(20);
    expect(denied).toEqual([]);
  });

  it('allows nothing that no adapter calls', () => {
    const granted = policy.Statement.flatMap((statement) =>
      statement.Action.flatMap((action) => statement.Resource.map((resource) => ({ action, resource }))),
    );
    const unneeded = granted.filter(({ action, resource }) => {
      const single = {
        Version: '1' as const,
        Statement: [{ Effect: 'Allow' as const, Action: [action], Resource: [resource] }],
      };
      return !calls.some((call) => call.resources.some((called) => isAllowed([single], call.action, called)));
    });

    expect(unneeded).toEqual([]);
  });

  it('names each action, and only allows', () => {
    const actions = policy.Statement.flatMap(({ Action }) => Action);

    expect(
      actions.filter((action) => !/^(slb|ecs|ess|eci|cms|ots|mns|fc):[A-Z][A-Za-z]+$/.test(action)),
    ).toEqual([]);
    expect(policy.Statement.map(({ Effect }) => Effect)).not.toContain('Deny');
  });

  it.each([
    ['audit', ['GetRange', 'BatchWriteRow']],
    ['quarantine', ['GetRange', 'BatchWriteRow']],
  ])('lets entries of the table %s be written, and none of them changed one by one', (table, expected) => {
    const resource = `acs:ots:cn-hangzhou:1234567890123456:instance/slb-autopilot/table/${table}`;
    const actions = [
      'GetRow',
      'BatchGetRow',
      'GetRange',
      'PutRow',
      'UpdateRow',
      'DeleteRow',
      'BatchWriteRow',
    ];
    const allowed = actions.filter((action) => isAllowed([policy], `ots:${action}`, resource));

    expect(allowed).toEqual(expected);
  });

  it('keeps the functions from the queues that they do not send to', () => {
    for (const queue of ['slb-autopilot-instance-events', 'slb-autopilot-dead-letters']) {
      const resource = `acs:mns:cn-hangzhou:1234567890123456:/queues/${queue}/messages`;

      expect(isAllowed([policy], 'mns:SendMessage', resource)).toBe(false);
    }
  });
});

describe('the policy of requesters', () => {
  const PLACE = 'cn-hangzhou:1234567890123456';
  const actions = [
    'SendMessage',
    'ReceiveMessage',
    'PeekMessage',
    'DeleteMessage',
    'ChangeMessageVisibility',
  ];

  it('lets them ask and read the answers, and keeps them from every other queue', () => {
    const allowed = Object.values(QUEUES).flatMap((queue) =>
      actions
        .filter((action) =>
          isAllowed([requesterPolicy], `mns:${action}`, `acs:mns:${PLACE}:/queues/${queue}/messages`),
        )
        .map((action) => `${action} ${queue}`),
    );

    expect(allowed).toEqual([
      `SendMessage ${QUEUES.changeRequests}`,
      `ReceiveMessage ${QUEUES.results}`,
      `DeleteMessage ${QUEUES.results}`,
    ]);
  });

  it('keeps them from what a request is about, and from the tables', () => {
    const others = [
      ['slb:SetVServerGroupAttribute', `acs:slb:${PLACE}:loadbalancer/lb-1`],
      ['slb:DescribeVServerGroupAttribute', `acs:slb:${PLACE}:loadbalancer/lb-1`],
      ...Object.values(TABLES).flatMap(({ name }) =>
        ['GetRow', 'GetRange', 'PutRow', 'BatchWriteRow'].map((action) => [
          `ots:${action}`,
          `acs:ots:${PLACE}:instance/slb-autopilot/table/${name}`,
        ]),
      ),
    ];

    const allowed = others.filter(([action = '', resource = '']) =>
      isAllowed([requesterPolicy], action, resource),
    );
    expect(allowed).toEqual([]);
  });
});
