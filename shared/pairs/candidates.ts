import type { EcsInstance } from '../instances/model.ts';
import { describeUntil } from './describe.ts';
import { type PairInput, type PairMember, type PairMembers, type PairQuestion, probeKey } from './model.ts';
import type { PairRow } from './record.ts';
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
  const refused = row.unsuitable.find((each) => each.serverId === serverId && each.untilMs > nowMs);
  if (refused !== undefined) return unfit(`${serverId} was refused: ${refused.reason}`);
  const foreign = strangeVpc(input, row, instance);
  if (foreign !== null) return unfit(`${serverId} is in ${foreign}, and the pair is not`);
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
    // ECS says the start to the minute, so it may have run for a minute less than this.
    const provenAtMs = runningSinceMs + pair.runningForMs;
    // An instant and no count-down, which would be news at every look.
    if (provenAtMs > nowMs) return unfit(`${serverId} has to run ${describeUntil(provenAtMs)}`);
  }
  return { kind: 'fit' };
}

/** The standbys of the pool, as members would have to be that take this one's place: neither members now, nor of other pairs. */
export function standbysFor(
  { pair, standbyIds, takenIds }: PairInput,
  members: PairMembers,
  leaving: PairMember,
): ReadonlyArray<PairMember> {
  const { standby } = pair;
  if (standby === null) return [];
  const present = new Set([members.primary.serverId, members.secondary.serverId]);
  return standbyIds
    .filter((serverId) => !present.has(serverId) && !takenIds.has(serverId))
    .map((serverId) => ({ serverId, port: standby.port ?? leaving.port, weight: leaving.weight }));
}

/** The VPC of an instance when it is another one than the members'; `null` = it is not, as far as ECS says. */
function strangeVpc(
  { instances }: PairInput,
  row: PairRow,
  { instanceId, vpcId }: EcsInstance,
): string | null {
  const members = row.memberIds
    .filter((id) => id !== instanceId)
    .flatMap((id) => instances.get(id)?.vpcId ?? []);
  return vpcId === null || members.length === 0 || members.includes(vpcId) ? null : vpcId;
}

function unfit(reason: string): Fitness {
  return { kind: 'unfit', reason };
}
