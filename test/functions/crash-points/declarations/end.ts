import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { readLane, rowsOf } from '../../../../infra/local/simulator/play/tables.ts';
import { newListenerSettings } from '../../../../infra/local/world/slb/listener-settings.ts';
import type { DeclarationRow } from '../../../../shared/declarations/record.ts';
import type { Remains } from '../play.ts';
import { BINDING, type DeclarationStory, LOAD_BALANCER, NAME, TAGS, TCP_SETTINGS } from './story.ts';

/** Compares what a story about a declared group has left with what it should: the same in every telling, up to ids. */
export function declarationRemains(clouds: MemoryClouds, story: DeclarationStory): Remains {
  const faults: Array<string> = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== should) faults.push(`${what}: ${is}, not ${should}`);
  };
  const { slb } = clouds;
  const ours = slb.groups().filter(({ vServerGroupName }) => vServerGroupName === NAME);
  const [group] = ours;
  expectRecords(clouds, group?.vServerGroupId ?? null, expect);
  expect('the groups of its name', ours.length, story.atEnd === null ? 0 : 1);
  if (story.atEnd === null || group === undefined) return { faults, staleEntries: 0 };
  expect(
    'the tags',
    [...group.tags].sort((a, b) => (a.key < b.key ? -1 : 1)),
    [
      { key: 'slb-autopilot:binding', value: BINDING },
      ...Object.entries(TAGS).map(([key, value]) => ({ key, value })),
    ],
  );
  const weights = group.backends.map(({ weight }) => weight);
  expect(
    'the weights',
    weights,
    Array.from({ length: story.instances }, () => 100),
  );
  const { listeners = [], rules = [] } = story.config.bindings[0]?.group ?? {};
  for (const { protocol, port } of listeners) {
    const found = slb.listeners.find({
      loadBalancerId: LOAD_BALANCER,
      listenerPort: port,
      listenerProtocol: protocol,
    });
    expect(`the group of ${protocol}:${port}`, found?.vServerGroupId, group.vServerGroupId);
    const settings = newListenerSettings(protocol, protocol === 'tcp' ? TCP_SETTINGS : {});
    expect(`the settings of ${protocol}:${port}`, found?.settings, settings);
  }
  const used = slb.rules.usersOf(group.vServerGroupId).map(({ domain, url }) => `${domain}${url}`);
  expect('the rules', used.sort(), rules.length === 0 ? [] : ['/img', 'api.example.com/v1']);
  return { faults, staleEntries: 0 };
}

function expectRecords(
  clouds: MemoryClouds,
  groupId: string | null,
  expect: (what: string, found: unknown, wanted: unknown) => void,
): void {
  const entries = rowsOf(clouds, 'declarations');
  expect(
    'the entries',
    entries.map(({ key }) => key[1]),
    [`group/${BINDING}`],
  );
  const row = JSON.parse(String(entries[0]?.columns.row ?? '{}')) as DeclarationRow;
  if (row.deletedAtMs === null) expect('the group of the record', row.groupId, groupId);
  else expect('the group of the record', row.groupId, null);
  expect(
    'what is open',
    [row.inFlight, row.moving, row.refusals, row.notBeforeMs, row.held],
    [null, null, 0, null, null],
  );
  expect('the inbox', rowsOf(clouds, 'inbox').length, 0);
  expect('the quarantine', rowsOf(clouds, 'quarantine').length, 0);
  expect(
    'the lane',
    rowsOf(clouds, 'lanes')
      .map(readLane)
      .map(({ loadBalancerId, owner, dirty, handled }) => [loadBalancerId, owner, dirty - handled]),
    [[LOAD_BALANCER, '', 0]],
  );
}
