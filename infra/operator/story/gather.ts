import { backendSubject, backendSubjectsOf, instanceSubject } from '../../../shared/audit/model.ts';
import type { RecordedAudit } from '../../../shared/audit/ports.ts';
import { mapBounded } from '../../../shared/concurrency.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import { withKnownGroups } from '../../../shared/declarations/resolve.ts';
import { typeOfServer } from '../../../shared/instances/backend-type.ts';
import { type BackendIdentity, backendId } from '../../../shared/server-groups/model.ts';
import type { StoryDesk } from './desk.ts';
import type { History, InstanceStory, ToldBackend } from './model.ts';

const READS_AT_ONCE = 8;

/** What the story of an instance is told from. */
export type StoryTables = Pick<StoryDesk, 'backends' | 'declarations'> & {
  readonly audit: StoryDesk['audit'];
};

/** What of an instance is to be told. */
export interface StoryWish {
  readonly instanceId: string;
  /** Of the configuration. */
  readonly bindings: ReadonlyArray<Binding>;
  /** The name of the only one in question; `null` = all. */
  readonly binding: string | null;
  /** `null` = every port. */
  readonly port: number | null;
  /** So many entries at most, the newest ones. */
  readonly last: number;
}

/**
 * Tells the story of an instance: a range of the audit for each backend that it is, or could be by the configuration, and
 * one for the instance itself. Throws RejectedError, TransientError.
 */
export async function tellStory(desk: StoryTables, wish: StoryWish): Promise<InstanceStory> {
  const { instanceId, last } = wish;
  const backends = await backendsOf(desk, wish);
  const subjects = [...backends.keys(), instanceSubject(instanceId)];
  // One more than wanted tells whether there are more.
  const found = await mapBounded(subjects, READS_AT_ONCE, (subject) => desk.audit.latest(subject, last + 1));
  const told = new Set(found.flat().map(({ subject }) => subject));
  return {
    instanceId,
    backends: [...backends.values()].filter(({ subject, row }) => row !== null || told.has(subject)),
    ...lastOf(
      found.flatMap((entries) => [...entries].reverse()),
      last,
    ),
  };
}

/** By subject: the backends that bindings ask for, and those that have a record whatever the file says. */
async function backendsOf(desk: StoryTables, wish: StoryWish): Promise<ReadonlyMap<string, ToldBackend>> {
  const { instanceId, binding: only } = wish;
  const bindings = await withKnownGroups(
    desk.declarations,
    wish.bindings.filter(({ name }) => only === null || name === only),
  );
  const groupIds = [...new Set(bindings.map(({ vServerGroupId }) => vServerGroupId))];
  const rows = (await desk.backends.readGroups(groupIds)).filter(
    ({ serverId, binding }) => serverId === instanceId && (only === null || binding === only),
  );
  const backends = new Map<string, ToldBackend>();
  for (const binding of bindings) {
    const { vServerGroupId, ports } = binding;
    for (const { port } of ports) {
      for (const subject of await subjectsOf(desk, { vServerGroupId, serverId: instanceId, port })) {
        backends.set(subject, { subject, binding, vServerGroupId, port, row: null });
      }
    }
  }
  for (const row of rows) {
    const { vServerGroupId, port } = row;
    const subject = backendSubject(backendId(row));
    const binding =
      backends.get(subject)?.binding ??
      bindings.find((each) => each.vServerGroupId === vServerGroupId && each.name === row.binding) ??
      null;
    backends.set(subject, { subject, binding, vServerGroupId, port, row });
  }
  return new Map([...backends].filter(([, { port }]) => wish.port === null || port === wish.port));
}

/** The audit subjects of an instance's port: one, unless it has addresses, which the audit alone remembers all of. */
async function subjectsOf(
  { audit }: StoryTables,
  backend: Pick<BackendIdentity, 'vServerGroupId' | 'serverId' | 'port'>,
): Promise<ReadonlyArray<string>> {
  const { vServerGroupId, serverId, port } = backend;
  if (typeOfServer(serverId) === 'ecs') return [backendSubject(backendId({ ...backend, serverIp: null }))];
  const entries = await audit.since(`${backendSubjectsOf(vServerGroupId)}${serverId}@`, 0);
  return [...new Set(entries.map(({ subject }) => subject))].filter((subject) =>
    subject.endsWith(`:${port}`),
  );
}

/** Tells what happened since then in the groups of bindings. Throws RejectedError, TransientError. */
export async function tellHistory(
  desk: StoryDesk,
  {
    bindings,
    sinceMs,
    last,
  }: { readonly bindings: ReadonlyArray<Binding>; readonly sinceMs: number; readonly last: number },
): Promise<History> {
  const known = await withKnownGroups(desk.declarations, bindings);
  const groupIds = [...new Set(known.map(({ vServerGroupId }) => vServerGroupId))];
  const found = await mapBounded(groupIds, READS_AT_ONCE, (id) =>
    desk.audit.since(backendSubjectsOf(id), sinceMs),
  );
  return lastOf(found.flat(), last);
}

/** Merged by time. Entries of one subject come in their order, which stays as it is within a millisecond. */
function lastOf(entries: ReadonlyArray<RecordedAudit>, last: number): History {
  const merged = [...entries].sort((a, b) => a.atMs - b.atMs);
  return { entries: merged.slice(-last), isCut: merged.length > last };
}
