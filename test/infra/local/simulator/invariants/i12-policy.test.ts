import { expect, test } from 'vitest';
import { createMemoryWorker } from '../../../../../infra/local/memory/worker.ts';
import { History } from './history.ts';

test('a call that the shipped policy does not allow breaks I12', async () => {
  const history = new History();
  const { foundation, products, roleName } = history.clouds;
  const { principal } = foundation.identities.assumeRole(roleName, 'events-1', 60_000);
  const deleting = products.slb.operations.get('ModifyVServerGroupBackendServers')?.handle(foundation, {
    product: 'slb',
    action: 'ModifyVServerGroupBackendServers',
    principal,
    requestId: 'request-1',
    parameters: {
      RegionId: foundation.region,
      VServerGroupId: 'rsp-bp1web000001',
      OldBackendServers: '[{"ServerId":"i-1","Port":80}]',
      NewBackendServers: '[{"ServerId":"i-2","Port":80}]',
    },
  });
  await expect(deleting).rejects.toThrow('not allowed');
  expect(history.broken('I12')).toEqual([
    expect.stringMatching(
      /^events-1 calls slb:ModifyVServerGroupBackendServers on acs:slb:.*, which is not allowed$/,
    ),
  ]);
});

test('the calls of a worker do not', async () => {
  const history = new History();
  const worker = createMemoryWorker(history.clouds, { config: history.config, name: 'events-1' });
  await worker.groups.describe('rsp-bp1web000001');
  expect(history.broken('I12')).toEqual([]);
});
