import { expect, test } from 'vitest';
import { recordedSituation as recordedPair } from '../../../../../shared/pairs/recorded-decision.ts';
import { NO_NEWS } from '../../../../../shared/server-groups/backend/news.ts';
import { recordedSituation } from '../../../../../shared/server-groups/backend/recorded-decision.ts';
import type { Situation } from '../../../../../shared/server-groups/backend/situation.ts';
import { anInstance, GROUP, LB, NOW_MS } from '../../../../support/builders.ts';
import { aPairInput, aPairRow, PRIMARY } from '../../../../support/pairs.ts';
import { History, tableWrite } from './history.ts';

const SUBJECT = `backend:${GROUP}/i-a:8080`;
const REASON = 'the instance is Running and selected';

test('a decision that its inputs do not lead to breaks I11', () => {
  const history = new History();
  notes(history, 'join-decided', REASON, joining(history, 'Stopped'));
  expect(history.broken('I11')).toEqual([
    `events-1 notes “join-decided” of ${SUBJECT}, and nothing is decided from its inputs, where “${REASON}” was`,
  ]);
});

test('a decision that they lead to does not', () => {
  const history = new History();
  notes(history, 'join-decided', REASON, joining(history, 'Running'));
  expect(history.broken('I11')).toEqual([]);
});

test('another reason than theirs breaks I11', () => {
  const history = new History();
  notes(history, 'join-decided', 'it was time', joining(history, 'Running'));
  expect(history.broken('I11')).toHaveLength(1);
});

test('a guard’s decision without its sums breaks I11', () => {
  const history = new History();
  notes(history, 'held', 'minInService: at least 2 must stay able to serve', { capacity: 2, floor: 2 });
  expect(history.broken('I11')).toEqual([
    `events-1 notes “held” of ${SUBJECT}, and lacks running, wereOut, mayBeOut`,
  ]);
});

test('one with them does not', () => {
  const history = new History();
  const facts = { capacity: 2, floor: 2, running: 2, wereOut: 0, mayBeOut: 1 };
  notes(history, 'held', 'minInService: at least 2 must stay able to serve', facts);
  expect(history.broken('I11')).toEqual([]);
});

test('what is noted for an instance, too, has its inputs with the entry that is written with it', () => {
  const history = new History();
  const facts = { capacity: 2, floor: 2, running: 2, wereOut: 0, mayBeOut: 1 };
  const reason = 'minInService: at least 2 must stay able to serve';
  const copy = { subject: 'instance:i-a', inputs: { notedFor: SUBJECT } };
  writes(history, 'held', reason, { subject: SUBJECT, inputs: facts }, copy);
  expect(history.broken('I11')).toEqual([]);
});

test('without that entry it breaks I11', () => {
  const history = new History();
  writes(history, 'held', 'minInService: …', { subject: 'instance:i-a', inputs: { notedFor: SUBJECT } });
  expect(history.broken('I11')).toEqual([
    `events-1 notes “held” of instance:i-a, and is not noted for ${SUBJECT}`,
  ]);
});

test('what a call came to names its request', () => {
  const history = new History();
  notes(history, 'added', REASON, { weight: 100 });
  expect(history.broken('I11')).toEqual([`events-1 notes “added” of ${SUBJECT}, and names no request`]);
});

test('a decision about a pair that its inputs lead to does not break I11; another reason, or none at all, does', () => {
  const saying = { finding: 'bad', text: 'Stopped', sinceMs: NOW_MS - 60_000 } as const;
  const testimony = { health: saying, ecs: saying, probe: saying, heardAtMs: NOW_MS - 5_000 };
  const { instances, health } = aPairInput();
  const inputs = recordedPair(
    aPairInput({
      row: aPairRow({ testimonies: { [PRIMARY]: testimony } }),
      instances: new Map(instances).set(PRIMARY, anInstance(PRIMARY, { status: 'Stopped' })),
      health: health.map((each) => ({ ...each, status: 'abnormal' as const })),
    }),
  );
  const reason = `promotion 1: ${PRIMARY} is bad: health: abnormal on tcp:3306; ecs: Stopped`;
  const right = new History();
  notes(right, 'pair-change-begun', reason, inputs);
  expect(right.broken('I11')).toEqual([]);

  const wrong = new History();
  notes(wrong, 'pair-change-begun', 'promotion 1: it was time', inputs);
  notes(wrong, 'pair-held', 'nobody is there', {});
  expect(wrong.broken('I11')).toHaveLength(2);
});

test('a call about a pair that was refused need not have a request, one that was answered has', () => {
  const history = new History();
  notes(history, 'pair-call-refused', 'create: no answer', { kind: 'create' });
  expect(history.broken('I11')).toEqual([]);
  notes(history, 'pair-called', 'create', { kind: 'create' });
  expect(history.broken('I11')).toHaveLength(1);
});

/** What is known of an instance in this state that is not in the group. */
function joining({ config, clock }: History, status: 'Running' | 'Stopped'): object {
  const [binding = null] = config.bindings;
  const situation: Situation = {
    identity: { vServerGroupId: GROUP, serverId: 'i-a', port: 8080, serverIp: null },
    binding,
    weight: 100,
    row: null,
    backend: null,
    instance: {
      instanceId: 'i-a',
      status,
      tags: { role: 'web' },
      vendorStatus: null,
      privateIp: null,
      addresses: [],
      runningSinceMs: null,
      vpcId: null,
      instanceType: null,
      zoneId: null,
      lockReasons: [],
      scaling: null,
    },
    news: NO_NEWS,
    health: null,
    probe: null,
    connections: null,
    group: {
      weightZero: { isGuaranteed: true, isUdp: false, promise: '' },
      roundRobin: null,
      isHealthChecked: false,
      isShort: false,
      settledAtMs: 0,
      readAtMs: clock.nowMs(),
      contestMs: 600_000,
      gatherMs: 2_000,
      healthAtWeightZero: 'unknown',
      isEcsOnly: false,
      vpcId: null,
    },
    nowMs: clock.nowMs(),
  };
  return recordedSituation(situation);
}

function notes(history: History, action: string, reason: string, inputs: object): void {
  writes(history, action, reason, { subject: SUBJECT, inputs });
}

/** Writes the same for several subjects. */
function writes(
  history: History,
  action: string,
  reason: string,
  ...entries: ReadonlyArray<{ readonly subject: string; readonly inputs: object }>
): void {
  const rows = entries.map(({ subject, inputs }) => ({
    kind: 'put' as const,
    table: 'audit',
    key: { subject, at: history.clock.nowMs(), id: LB },
    columns: {
      action,
      reason,
      requestIds: '',
      inputs: JSON.stringify({ ...inputs, fence: 1, code: '1.0' }),
    },
  }));
  history.answers(history.sends(tableWrite(rows)), {});
}
