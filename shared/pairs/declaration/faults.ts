import { type ConfigPath, formatPath, type PathFault } from '../../config/faults.ts';
import { listenerName } from '../../config/pair.ts';
import type { PairGroupDeclaration } from '../../config/pair-group.ts';
import type { ListedPairGroup, PairGroup, PairInput, PairListener, PairPlace } from '../model.ts';
import type { PairRow } from '../record.ts';
import { isSamePair } from '../saga/create.ts';
import { numberOfName } from '../saga/model.ts';
import { findingsOf } from '../testimony/findings.ts';

/** What a check of a declaration goes by. */
export interface DeclarationInput {
  readonly input: PairInput;
  readonly row: PairRow;
  readonly declared: PairGroupDeclaration;
  readonly place: PairPlace;
}

const ROLES = ['primary', 'secondary'] as const;
const MEMBERS = 2;

/**
 * Everything that keeps a declared group from being made, as far as it can be seen before the first call; each with its
 * path below the pair's name. What only the file shows is a fault of the configuration.
 */
export function declarationFaults(seen: DeclarationInput): ReadonlyArray<PathFault> {
  const at = (...path: ReadonlyArray<string | number>): ConfigPath => [
    'pairs',
    seen.input.pair.name,
    ...path,
  ];
  return [
    ...placeFaults(seen, at('loadBalancer')),
    ...listenerFaults(seen, (index) => at('listeners', index)),
    ...ROLES.flatMap((role) => memberFaults(seen, role, at('group', role, 'server'))),
    ...presentFaults(seen, at('group')),
  ];
}

/** The faults for people: `pairs.orders-db.group.primary.server: found i-… (Stopped), allowed is …; …`. */
export function describeFaults(faults: ReadonlyArray<PathFault>): string {
  return faults
    .map(({ path, found, allowed }) => `${formatPath(path)}: found ${found}, allowed is ${allowed}`)
    .join('; ');
}

/** A group of our name that is none of our changes': somebody else has made it, or what we knew of it is lost. */
export function namesake({ pair, groups }: PairInput, row: Pick<PairRow, 'number'>): ListedPairGroup | null {
  return groups.find(({ name }) => (numberOfName(pair.name, name) ?? 0) > row.number) ?? null;
}

/** The group of our name that becomes the pair's; `null` = there is none. */
export function foundGroup({ input, row, declared }: Omit<DeclarationInput, 'place'>): PairGroup | null {
  const same = namesake(input, row);
  return same === null || !declared.adopt ? null : (input.described.get(same.groupId) ?? null);
}

function placeFaults({ input, row, declared, place }: DeclarationInput, path: ConfigPath) {
  const { status, backendCount, backendsMax } = place;
  const faults: Array<PathFault> = [];
  if (status === 'locked') faults.push({ path, found: 'it locked', allowed: 'one that takes changes' });
  const isThere = foundGroup({ input, row, declared }) !== null;
  if (!isThere && backendCount + MEMBERS > backendsMax) {
    const found = `${backendCount} of ${backendsMax} backends taken`;
    faults.push({ path, found, allowed: `room for ${MEMBERS} more (limits.backendsPerLoadBalancer)` });
  }
  return faults;
}

function listenerFaults({ input, declared, place }: DeclarationInput, at: (index: number) => ConfigPath) {
  const { pair, listeners } = input;
  return pair.listeners.flatMap((name, index): ReadonlyArray<PathFault> => {
    const seen = listeners.find(({ protocol, port }) => protocol === name.protocol && port === name.port);
    const what = listenerName(name);
    if (seen === undefined) {
      const found = `${what}, which ${pair.loadBalancerId} does not have`;
      return [{ path: at(index), found, allowed: 'a TCP or UDP listener that exists' }];
    }
    const used = declared.adopt ? null : usedBy(seen, place);
    if (used === null) return [];
    const found = `${what} on ${used}`;
    return [{ path: at(index), found, allowed: 'a listener that nobody serves (group.adopt takes it over)' }];
  });
}

/** Who serves a listener without a primary/secondary group; `null` = nobody. */
function usedBy({ vServerGroupId }: PairListener, { inDefaultGroup }: PairPlace): string | null {
  if (vServerGroupId !== null) return `the vServer group ${vServerGroupId}`;
  return inDefaultGroup === 0 ? null : `the default group, which has ${inDefaultGroup} servers`;
}

function memberFaults(
  { input, row, declared, place }: DeclarationInput,
  role: (typeof ROLES)[number],
  path: ConfigPath,
): ReadonlyArray<PathFault> {
  const member = declared[role];
  const { serverId } = member;
  const { finding, text } = findingsOf({ ...input, row }, member).ecs;
  if (finding === 'bad') {
    return [
      { path, found: `${serverId} (${text})`, allowed: 'an instance that ECS shows Running, and that stays' },
    ];
  }
  const vpcId = vpcOf(input, serverId);
  // A public load balancer is in no VPC; its servers only have to be in the same one.
  const wanted = place.vpcId ?? (role === 'secondary' ? vpcOf(input, declared.primary.serverId) : null);
  if (vpcId === null || wanted === null || vpcId === wanted) return [];
  const where = place.vpcId === null ? "the primary's" : `that of ${input.pair.loadBalancerId}`;
  return [{ path, found: `${serverId} in ${vpcId}`, allowed: `an instance in ${wanted}, ${where}` }];
}

function vpcOf({ instances }: PairInput, serverId: string): string | null {
  return instances.get(serverId)?.vpcId ?? null;
}

function presentFaults(
  { input, row, declared }: DeclarationInput,
  path: ConfigPath,
): ReadonlyArray<PathFault> {
  const own = input.groups.find(({ groupId }) => groupId === row.groupId);
  if (own !== undefined) {
    const found = `${own.groupId}, which is the pair's and used by none of its listeners`;
    return [
      { path, found, allowed: 'its listeners on it, or no such group: point them at it, or delete it' },
    ];
  }
  const same = namesake(input, row);
  if (same === null) return [];
  const what = `${same.groupId}, which others have made with our name ${same.name}`;
  if (!declared.adopt) return [{ path, found: what, allowed: 'another name of it, or adopt: true' }];
  const group = input.described.get(same.groupId);
  if (group !== undefined && isSamePair(group.members, declared)) return [];
  return [{ path, found: `${what} and other members`, allowed: 'the same members: nothing changes a group' }];
}
