import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { readLane, rowsOf } from '../../../../infra/local/simulator/play/tables.ts';
import { newListenerSettings } from '../../../../infra/local/world/slb/listener-settings.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { PairRow } from '../../../../shared/pairs/record.ts';
import { isRequestLane } from '../../../../shared/requests/model.ts';
import { messagesIn } from '../end.ts';
import type { Remains } from '../play.ts';
import {
  FIRST_GROUP,
  instancesOf,
  LOAD_BALANCER,
  ORDER_ID,
  PAIR,
  type PromotionStory,
  REFUSAL,
  settingsOf,
} from './story.ts';

type Expect = (what: string, found: unknown, wanted: unknown) => void;

/** The row of the pair; `null` = there is none. */
export function pairRow(clouds: MemoryClouds): PairRow | null {
  const found = rowsOf(clouds, 'promotions').find(({ key }) => key[1] === 'pair');
  return found === undefined ? null : (JSON.parse(String(found.columns.row)) as PairRow);
}

/** Compares what a story about a pair has left with what it should: the same in every telling, up to ids. */
export function promotionRemains(
  clouds: MemoryClouds,
  story: PromotionStory,
  moves: ReadonlyMap<string, number>,
): Remains {
  const faults: Array<string> = [];
  const expect = into(faults);
  const found = story.listeners.map((name) => moves.get(name) ?? 0);
  if (isRefused(clouds)) {
    expectNothingDone(clouds, story, found, expect);
    return { faults, staleEntries: 0 };
  }
  expectClouds(clouds, story, expect);
  expect('the moves', found, story.atEnd.moves);
  expectRow(clouds, story, expect);
  expectTables(clouds, story, expect);
  for (const name of [QUEUES.quarantine, QUEUES.deadLetters]) {
    expect(`the queue ${name}`, messagesIn(clouds, name), 0);
  }
  return { faults, staleEntries: 0 };
}

/** What is not as it was before a change that nobody may have begun. */
export function untouchedFaults(
  clouds: MemoryClouds,
  story: PromotionStory,
  moves: ReadonlyMap<string, number>,
): ReadonlyArray<string> {
  const faults: Array<string> = [];
  const found = story.listeners.map((name) => moves.get(name) ?? 0);
  expectNothingDone(clouds, story, found, into(faults));
  return faults;
}

function into(faults: Array<string>): Expect {
  return (what, found, wanted) => {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== should) faults.push(`${what}: ${is}, not ${should}`);
  };
}

/**
 * Whether the order was refused since nobody had heard the candidate answer, as somebody must be whose question is lost: the
 * one other end of a story.
 */
function isRefused(clouds: MemoryClouds): boolean {
  const [answer] = pairRow(clouds)?.answers ?? [];
  return answer?.outcome === 'refused' && /: probe says no answer within \d+ ms$/.test(answer.reason);
}

/** Who asked is told, and the pair is as it was. */
function expectNothingDone(
  clouds: MemoryClouds,
  story: PromotionStory,
  moves: ReadonlyArray<number>,
  expect: Expect,
): void {
  const row = pairRow(clouds);
  expect('the change of a refused order', [row?.number, row?.saga], [0, null]);
  expect(
    'its moves',
    moves,
    moves.map(() => 0),
  );
  expectClouds(clouds, { ...story, atEnd: { ...story.atEnd, roles: '0 > 1', outcome: 'undone' } }, expect);
}

/** Every listener with all its parameters on the one group that there is. */
function expectClouds(clouds: MemoryClouds, { listeners, atEnd }: PromotionStory, expect: Expect): void {
  const { slb } = clouds;
  const ids = instancesOf(clouds);
  for (const name of listeners) {
    const [protocol, port] = name.split(':');
    const found = slb
      .listenersOf(LOAD_BALANCER)
      .find((each) => each.listenerProtocol === protocol && each.listenerPort === Number(port));
    const group = slb.masterSlaveGroup(found?.masterSlaveServerGroupId ?? '');
    const of = (role: string) =>
      ids.indexOf(group?.backends.find(({ serverType }) => serverType === role)?.serverId ?? '');
    expect(`the group of ${name}`, `${of('Master')} > ${of('Slave')}`, atEnd.roles);
    const settings = newListenerSettings(protocol === 'udp' ? 'udp' : 'tcp', settingsOf(name));
    expect(`the settings of ${name}`, found?.settings, settings);
  }
  const isDone = atEnd.outcome === 'done';
  const own = [
    { key: 'slb-autopilot:pair', value: PAIR },
    { key: 'slb-autopilot:change', value: '1' },
  ];
  const groups = slb.masterSlaveGroupsOf(LOAD_BALANCER);
  expect(
    'the groups',
    groups.map((group) => [group.masterSlaveServerGroupName, group.masterSlaveServerGroupId === FIRST_GROUP]),
    [isDone ? [`slb-autopilot/${PAIR}/1`, false] : ['by-hand', true]],
  );
  expect('the tags', groups[0]?.tags, [{ key: 'team', value: 'orders' }, ...(isDone ? own : [])]);
}

/** One change, ended, and nothing that is still to be done. */
function expectRow(
  clouds: MemoryClouds,
  { atEnd, listeners, begins, kind }: PromotionStory,
  expect: Expect,
): void {
  const row = pairRow(clouds);
  const ids = instancesOf(clouds);
  const isDone = atEnd.outcome === 'done';
  const { saga } = row ?? {};
  expect('the number of changes', row?.number, 1);
  expect('the change', [saga?.kind, saga?.outcome, saga?.phase], [kind, atEnd.outcome, 'ended']);
  expect('what is in flight', [saga?.inFlight, saga?.refusals, saga?.notBeforeMs], [null, 0, null]);
  const states = isDone ? listeners.map(() => 'moved') : ['moved', 'waiting', 'waiting'];
  expect(
    'the listeners of the change',
    saga?.listeners.map(({ state, remark }) => [state, remark]),
    states.map((state) => [state, null]),
  );
  const failure = isDone ? null : [REFUSAL.code, true];
  expect('the failure', saga?.failure ? [saga.failure.code, saga.failure.requestId !== null] : null, failure);
  expect('the members', row?.memberIds.map((id) => ids.indexOf(id)).sort(), atEnd.memberIds);
  expect('the home', ids.indexOf(row?.homeId ?? ''), atEnd.home);
  const group = clouds.slb.masterSlaveGroupsOf(LOAD_BALANCER)[0]?.masterSlaveServerGroupId;
  expect('the group of the row', row?.groupId, group);
  const open = [row?.testimonies, row?.notices, row?.leftovers, row?.pause, row?.held];
  expect('what is open', open, [{}, [], [], null, null]);
  expect(
    'the answers',
    row?.answers.map(({ orderId, outcome, number }) => [orderId, outcome, number]),
    begins === 'by order' ? [[ORDER_ID, 'begun', 1]] : [],
  );
}

function expectTables(clouds: MemoryClouds, { atEnd, kind }: PromotionStory, expect: Expect): void {
  const ids = instancesOf(clouds);
  const actions = rowsOf(clouds, 'audit').map(({ columns }) => String(columns.action));
  for (const action of ['pair-adopted', 'pair-change-begun', 'pair-change-ended']) {
    // Nobody had made a group that could have been adopted.
    const times = kind === 'creation' && action === 'pair-adopted' ? 0 : 1;
    expect(`the audit's ${action}`, actions.filter((each) => each === action).length, times);
  }
  expect(
    'the index of members',
    rowsOf(clouds, 'members')
      .filter(({ columns }) => Object.keys(columns).length > 0)
      .map(({ key, columns }) => [ids.indexOf(key[0] ?? ''), Object.keys(columns).length])
      .sort(),
    atEnd.memberIds.map((index) => [index, 1]),
  );
  expect('the orders', rowsOf(clouds, 'promotions').length, 1);
  expect('the inbox', rowsOf(clouds, 'inbox').length, 0);
  expect('the quarantine', rowsOf(clouds, 'quarantine').length, 0);
  expect(
    'the lane',
    rowsOf(clouds, 'lanes')
      .map(readLane)
      .filter(({ loadBalancerId }) => !isRequestLane(loadBalancerId))
      .map(({ loadBalancerId, owner, dirty, handled }) => [loadBalancerId, owner, dirty - handled]),
    [[`pair-${PAIR}`, '', 0]],
  );
}
