import { describe, expect, it } from 'vitest';
import {
  type AuditRow,
  changedParameters,
  missingEntries,
  unauditedCalls,
} from '../../../../../infra/local/scenes/promotion/checks.ts';
import type { Listener } from '../../../../../infra/local/world/slb/model.ts';

const LISTENER: Listener = {
  loadBalancerId: 'lb-1',
  listenerPort: 3306,
  listenerProtocol: 'tcp',
  status: 'running',
  scheduler: 'wrr',
  bandwidth: -1,
  description: 'orders',
  vServerGroupId: null,
  masterSlaveServerGroupId: 'rsp-old',
  backendServerPort: null,
  settings: { HealthCheckDomain: 'db.example', PersistenceTimeout: 300 },
  tags: [],
};

describe('changedParameters', () => {
  it('finds a setting that was lost, another description, and a listener that is gone', () => {
    const other = { ...LISTENER, listenerPort: 3307 };
    const after = {
      ...LISTENER,
      description: '',
      settings: { ...LISTENER.settings, HealthCheckDomain: '' },
    };

    expect(changedParameters([LISTENER, other], [after])).toEqual([
      'HealthCheckDomain of tcp:3306 is  and was db.example',
      'description of tcp:3306 is  and was orders',
      'tcp:3307 is gone',
    ]);
  });

  it('accepts another group', () => {
    const after = { ...LISTENER, masterSlaveServerGroupId: 'rsp-new' };

    expect(changedParameters([LISTENER], [after])).toEqual([]);
  });
});

describe('missingEntries', () => {
  const row = (atMs: number, action: string, reason: string): AuditRow => ({
    atMs,
    action,
    reason,
    requestIds: [],
  });
  const audit = [
    row(1, 'pair-adopted', 'its group is rsp-1'),
    row(5, 'pair-change-begun', 'promotion 1: i-1 is bad'),
    row(9, 'pair-called', 'delete rsp-1'),
  ];

  it('finds what was never noted, and what was noted too early', () => {
    const found = missingEntries(audit, [
      ['pair-change-begun', 'promotion 1'],
      ['pair-adopted', 'its group'],
      ['pair-called', 'create'],
    ]);

    expect(found).toEqual([
      '“pair-adopted: its group…” is missing, or comes too early',
      '“pair-called: create…” is missing, or comes too early',
    ]);
  });

  it('accepts others in between', () => {
    expect(
      missingEntries(audit, [
        ['pair-adopted', 'its group'],
        ['pair-called', 'delete rsp-1'],
      ]),
    ).toEqual([]);
  });
});

describe('unauditedCalls', () => {
  it('finds a write without an entry, and an entry without a write', () => {
    const entry = { atMs: 1, action: 'pair-called', reason: 'x', requestIds: ['R-1', 'R-3'] };
    const writes = ['R-1', 'R-2'].map((requestId) => ({ action: 'CreateMasterSlaveServerGroup', requestId }));

    expect(unauditedCalls([entry], writes)).toEqual([
      'CreateMasterSlaveServerGroup R-2 is not in the audit',
      'nobody has made the request R-3',
    ]);
  });
});
