import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../infra/local/world/faults.ts';
import {
  PAIR,
  PAIR_GROUP,
  type PairStage,
  type PairStageOptions,
  setPairStage,
} from '../../bench/virtual/pair-stage.ts';
import { LB } from '../../support/builders.ts';
import { readTable } from '../../support/stage.ts';

const MINUTE_MS = 60_000;
const LISTENERS = ['tcp:3306', 'udp:3306', 'tcp:3307'];

/** The second of the three listeners is the one that is not TCP, so that an operation is its own. */
const REFUSING: Fault = {
  name: 'refusing',
  match: { product: 'slb', action: 'SetLoadBalancerUDPListenerAttribute', callers: 'role-sessions' },
  skip: 0,
  times: null,
  effect: {
    kind: 'error',
    status: 400,
    code: 'ActionNotAllowed',
    message: 'The listener is locked by another service.',
  },
};

/** One answer that says to come again, so that all is read before it is pointed. */
const BUSY: Fault = {
  ...REFUSING,
  name: 'busy',
  times: 1,
  effect: { kind: 'error', status: 400, code: 'Throttling.User', message: 'Request was denied.' },
};

let stage: PairStage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

/** A pair behind three listeners whose primary is stopped while the second listener refuses. */
async function stopUnderRefusal(options: PairStageOptions = {}) {
  stage = await setPairStage({ listeners: LISTENERS, ...options });
  const { clouds, primaryId, pass } = stage;
  clouds.foundation.faults.inject(REFUSING);
  clouds.ecs.stopInstance({ instanceId: primaryId });
  await pass(2 * MINUTE_MS);
  return stage;
}

/** `tcp:3306 → rsp-…` for each time that a listener moved. */
function moves({ clouds }: PairStage): ReadonlyArray<string> {
  return clouds.foundation.timeline.entries
    .filter(({ kind }) => kind === 'listener-moved')
    .map(({ details }) => {
      const to = details.to === PAIR_GROUP ? 'the old group' : 'the new group';
      return `${details.listenerProtocol}:${details.listenerPort} to ${to}`;
    });
}

function auditOf({ clouds }: PairStage, action: string) {
  return readTable(clouds, 'audit')
    .filter((entry) => entry.subject === `pair:${PAIR}` && entry.action === action)
    .sort((a, b) => Number(a.at) - Number(b.at));
}

describe('a listener that refuses the new group for good', () => {
  it('has all go back: those that had moved are pointed at the old group, and the new group goes', async () => {
    const at = await stopUnderRefusal();
    const { primaryId, secondaryId } = at;

    expect(moves(at)).toEqual(['tcp:3306 to the new group', 'tcp:3306 to the old group']);
    expect(at.pairs()).toEqual(LISTENERS.map((name) => `${name} ${primaryId} > ${secondaryId}`));
    expect(at.groupIds()).toEqual([PAIR_GROUP]);
  });

  it.each<[string, ReadonlyArray<Fault>, number]>([
    ['at once', [REFUSING], 0],
    ['after the others were mended', [BUSY, { ...REFUSING, skip: 1 }], 1],
  ])(
    'keeps every parameter of those that went there and back, when it refuses %s',
    async (_when, faults, repairs) => {
      stage = await setPairStage({
        listeners: LISTENERS,
        switches: { slbSetWithoutPersistenceTimeout: 'reset-to-0' },
      });
      const { clouds, primaryId, pass } = stage;
      clouds.slb.listeners.set({
        loadBalancerId: LB,
        listenerProtocol: 'tcp',
        listenerPort: 3306,
        settings: { HealthCheckType: 'http', HealthCheckDomain: 'db.example', PersistenceTimeout: '300' },
      });
      const before = clouds.slb.listenersOf(LB).map(({ settings }) => settings);
      for (const fault of faults) clouds.foundation.faults.inject(fault);
      let sets = 0;
      clouds.foundation.gate.onRecord(({ action }) => {
        if (action === 'SetLoadBalancerTCPListenerAttribute') sets++;
      });

      clouds.ecs.stopInstance({ instanceId: primaryId });
      await pass(2 * MINUTE_MS);

      expect(moves(stage)).toEqual(['tcp:3306 to the new group', 'tcp:3306 to the old group']);
      expect(sets).toBe(2 + repairs);
      expect(clouds.slb.listenersOf(LB).map(({ settings }) => settings)).toEqual(before);
    },
  );

  it('is reported in the row and in the audit, with the vendor’s error and the request', async () => {
    const requestIds: Array<string> = [];
    stage = await setPairStage({ listeners: LISTENERS });
    const { clouds, primaryId, pass } = stage;
    clouds.foundation.gate.onRecord(({ errorCode, requestId }) => {
      if (errorCode === 'ActionNotAllowed') requestIds.push(requestId);
    });
    clouds.foundation.faults.inject(REFUSING);
    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(2 * MINUTE_MS);

    expect(requestIds).toHaveLength(1);
    const [requestId] = requestIds;
    expect(stage.row()?.saga).toMatchObject({
      number: 1,
      phase: 'ended',
      outcome: 'undone',
      failure: {
        api: 'SetLoadBalancerUDPListenerAttribute',
        code: 'ActionNotAllowed',
        requestId,
        message: expect.stringContaining('The listener is locked by another service.'),
      },
    });
    const refused = auditOf(stage, 'pair-call-refused').filter(({ requestIds: ids }) =>
      String(ids).includes(requestId ?? ''),
    );
    expect(refused).toHaveLength(1);
    expect(String(refused[0]?.reason)).toMatch(
      /^point udp:3306 at rsp-\S+: .*The listener is locked by another service\./,
    );
    const [ended, ...others] = auditOf(stage, 'pair-change-ended');
    expect(others).toEqual([]);
    expect(String(ended?.reason)).toMatch(/^promotion 1 undone: .*The listener is locked/);
    expect(JSON.parse(String(ended?.inputs))).toMatchObject({
      failure: { code: 'ActionNotAllowed', requestId },
    });
  });

  it('is tried again after the cool-down, no sooner, and then all move', async () => {
    const at = await stopUnderRefusal({ pair: { coolDown: '5m' } });
    const { secondaryId, standbyIds, clouds, pass, row } = at;
    expect(row()?.held).toMatch(/^cooling down until .*; due: promotion/);
    clouds.foundation.faults.clear('refusing');

    await pass(2 * MINUTE_MS);
    expect(row()?.number).toBe(1);
    await pass(3 * MINUTE_MS);

    expect(row()?.saga).toMatchObject({ number: 2, outcome: 'done', failure: null });
    expect(at.pairs()).toEqual(LISTENERS.map((name) => `${name} ${secondaryId} > ${standbyIds[0]}`));
    expect(at.groupIds()).toHaveLength(1);
  });

  it('has the others go back for as long as it takes, when one of them refuses that, too', async () => {
    const stubborn = { ...REFUSING, name: 'stubborn', skip: 1, times: 3 };
    stage = await setPairStage({ listeners: LISTENERS });
    const { clouds, primaryId, secondaryId, pass } = stage;
    clouds.foundation.faults.inject(REFUSING);
    clouds.foundation.faults.inject({
      ...stubborn,
      match: { ...REFUSING.match, action: 'SetLoadBalancerTCPListenerAttribute' },
    });

    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(3 * MINUTE_MS);

    expect(clouds.foundation.faults.struck('stubborn')).toBe(3);
    expect(stage.row()?.saga).toMatchObject({ number: 1, outcome: 'undone' });
    expect(stage.pairs()).toEqual(LISTENERS.map((name) => `${name} ${primaryId} > ${secondaryId}`));
    expect(stage.groupIds()).toEqual([PAIR_GROUP]);
  });
});
