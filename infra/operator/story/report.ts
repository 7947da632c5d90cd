import type { RecordedAudit } from '../../../shared/audit/ports.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import { namesPortOf } from '../../../shared/instances/backend-type.ts';
import type { Screen } from '../terminal.ts';
import { describeEntries } from './entries.ts';
import type { History, InstanceStory } from './model.ts';
import { describeBackends } from './state.ts';
import { addressIn, partsOf } from './subjects.ts';

/** The story of an instance for people: how it stands, then how it came to that. */
export function describeStory(
  { instanceId, backends, entries, isCut }: InstanceStory,
  screen: Screen,
): string {
  const { colors } = screen;
  const names = new Map(
    backends.map(({ subject, binding, row, port }) => [
      subject,
      `${binding?.name ?? row?.binding ?? ''}${addressIn(subject)}:${port}`,
    ]),
  );
  // Of one backend only, every line is about it.
  const nameOf = ({ subject }: RecordedAudit) => (backends.length > 1 ? (names.get(subject) ?? '') : '');
  return [
    colors.bold(instanceId),
    ...(backends.length === 0 ? [] : describeBackends(backends, screen)),
    ...(isCut ? [cutLine(entries.length, screen)] : []),
    ...describeEntries(entries, nameOf, screen),
    '',
  ].join('\n');
}

/** What happened to the backends of bindings, for people. */
export function describeHistory(
  { entries, isCut }: History,
  bindings: ReadonlyArray<Binding>,
  screen: Screen,
): string {
  const isOne = new Set(bindings.map(({ vServerGroupId }) => vServerGroupId)).size === 1;
  const nameOf = ({ subject }: RecordedAudit) => {
    const { group, server, port } = partsOf(subject);
    const inGroup = bindings.filter(({ vServerGroupId }) => vServerGroupId === group);
    const binding =
      inGroup.find((each) => namesPortOf(each, { serverId: server, port: Number(port) })) ?? inGroup[0];
    return isOne ? `${server}:${port}` : `${binding?.name ?? group} ${server}:${port}`;
  };
  return [
    ...(isCut ? [cutLine(entries.length, screen)] : []),
    ...describeEntries(entries, nameOf, screen),
    '',
  ].join('\n');
}

function cutLine(count: number, { colors }: Screen): string {
  return colors.dim(`The last ${count}; there are more: --last N.`);
}
