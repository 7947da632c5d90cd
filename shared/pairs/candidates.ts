import { describeUntil } from './describe.ts';
import {
  type PairInput,
  type PairMember,
  type PairMembers,
  type PairQuestion,
  type PairRow,
  probeKey,
} from './model.ts';
import { findingsOf, openEventOf } from './testimony/findings.ts';
import { OBSERVERS } from './testimony/model.ts';

/** What a check of a candidate came to. */
export type Fitness =
  | { readonly kind: 'fit' }
  | { readonly kind: 'unfit'; readonly reason: string }
  /** It cannot be told before the question is answered. */
  | { readonly kind: 'ask'; readonly question: PairQuestion }
  | { readonly kind: 'ask-ecs' };

/**
 * Whether a server may become a member: ECS shows it Running, nothing is about to take it away, nobody says anything bad of
 * it, and it has proven itself in the pair's way. What CLB says of a secondary counts only where CLB says something.
 */
export function fitnessOf(input: PairInput, row: PairRow, member: PairMember): Fitness {
  const { pair, instances, systemEvents, answers, nowMs } = input;
  const { serverId, port } = member;
  const seen = { ...input, row };
  const instance = instances.get(serverId);
  if (instance === undefined) return unfit(`${serverId} is not there`);
  if (instance.status !== 'Running') return unfit(`${serverId} is ${instance.status}`);
  if (systemEvents === null) return { kind: 'ask-ecs' };
  if (!systemEvents.has(serverId)) return unfit(`${serverId} is gone`);
  const event = openEventOf(seen, serverId);
  if (event !== null) return unfit(`${serverId} has ${event}`);
  if (pair.candidate === 'probe' && !answers.has(probeKey(member))) {
    if (instance.privateIp === null) return unfit(`${serverId} has no address to ask`);
    return { kind: 'ask', question: { serverId, privateIp: instance.privateIp, port } };
  }
  const findings = findingsOf(seen, member);
  const bad = OBSERVERS.find((observer) => findings[observer].finding === 'bad');
  if (bad !== undefined) return unfit(`${serverId}: ${bad} says ${findings[bad].text}`);
  if (pair.candidate === 'running-for') {
    const { runningSinceMs } = instance;
    if (runningSinceMs === null) return unfit(`${serverId}: ECS does not say since when it runs`);
    const provenAtMs = runningSinceMs + pair.runningForMs;
    // An instant and no count-down, which would be news at every look.
    if (provenAtMs > nowMs) return unfit(`${serverId} has to run ${describeUntil(provenAtMs)}`);
  }
  return { kind: 'fit' };
}

/**
 * The standbys of the pool, as members would have to be that take this one's place: neither members now, nor of other pairs.
 * When SLB would not make a group with one of them the last time, those that come after it come first.
 */
export function standbysFor(
  { pair, row, standbyIds, takenIds }: PairInput,
  members: PairMembers,
  leaving: PairMember,
): ReadonlyArray<PairMember> {
  const { standby } = pair;
  if (standby === null) return [];
  const present = new Set([members.primary.serverId, members.secondary.serverId]);
  const refused = standbyIds.indexOf(refusedStandby(row) ?? '');
  return [...standbyIds.slice(refused + 1), ...standbyIds.slice(0, refused + 1)]
    .filter((serverId) => !present.has(serverId) && !takenIds.has(serverId))
    .map((serverId) => ({ serverId, port: standby.port ?? leaving.port, weight: leaving.weight }));
}

/** The standby of the last change, if its group was refused; `null` = it was not. */
function refusedStandby(row: PairRow | null): string | null {
  const saga = row?.saga ?? null;
  const isRefused = saga?.outcome === 'given-up' && saga.groupId === null && saga.failure?.code != null;
  return saga !== null && isRefused ? saga.to.secondary.serverId : null;
}

function unfit(reason: string): Fitness {
  return { kind: 'unfit', reason };
}
