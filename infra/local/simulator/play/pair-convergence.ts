import { type Selector, selectorTags } from '../../../../shared/config/binding.ts';
import type { Config } from '../../../../shared/config/load.ts';
import type { Pair } from '../../../../shared/config/pair.ts';
import { numberOfName } from '../../../../shared/pairs/saga/model.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { Instance } from '../../world/ecs/instance.ts';
import type { MasterSlaveServerGroup } from '../../world/slb/master-slave-model.ts';
import type { BackendHealth, Listener } from '../../world/slb/model.ts';
import type { Difference } from './convergence.ts';
import { type PairRecord, pairsOf } from './tables.ts';

/** A member of a group as it really is. */
interface Member {
  readonly serverId: string;
  readonly port: number;
}

/** A pair as it really stands. */
interface Standing {
  readonly pair: Pair;
  readonly record: PairRecord | null;
  readonly listeners: ReadonlyArray<Listener>;
  /** The one group that all of its listeners use; `null` = there is none. */
  readonly group: MasterSlaveServerGroup | null;
  readonly primary: Member | null;
  readonly secondary: Member | null;
}

/** System events that take an instance away for a while. */
const DEPARTURE = /^(?:SystemMaintenance|SystemFailure|InstanceFailure)\./;

/**
 * What of the pairs is not as it should be: one that is bad as two observers could see and that somebody fit could relieve, a
 * secondary that is gone, listeners that have come apart, changes that are under way, groups that are left over. What the
 * product says of it in the pair's row is the excuse. `chosen`: groups that people have pointed listeners at.
 */
export function pairDifferences(
  clouds: MemoryClouds,
  config: Config,
  chosen: ReadonlySet<string> = new Set(),
): ReadonlyArray<Difference> {
  return standings(clouds, config).flatMap((standing) => {
    const { record, pair } = standing;
    const excuse = record?.held ?? null;
    const apart = describeApart(standing);
    const parts = [apart, describePrimary(clouds, standing), describeSecondary(clouds, standing)];
    const excused = parts.flatMap((text) =>
      text === null ? [] : [{ text: `${pair.name}: ${text}`, excuse }],
    );
    const unended = describeUnended(standing).map((text) => ({ text, excuse: null }));
    // While people have its listeners use different groups nobody knows which one they mean to go back to.
    const left = describeLeft(clouds, standing, chosen).map((text) => ({
      text,
      excuse: apart === null ? null : excuse,
    }));
    const plain = [...unended, ...left].map((each) => ({ ...each, text: `${pair.name}: ${each.text}` }));
    return [...excused, ...plain];
  });
}

/** Whether a tick could find anything to do or to watch about any pair. */
export function isUneasy(clouds: MemoryClouds, config: Config): boolean {
  return standings(clouds, config).some((standing) => {
    const { record, pair, group, primary, secondary, listeners } = standing;
    // Nothing is there yet, or not any more.
    if (listeners.length === 0) return record?.groupId !== undefined && record.groupId !== null;
    if (record === null || group === null || primary === null || secondary === null) return true;
    const isAway = pair.failBackAfterMs !== null && record.homeId !== primary.serverId;
    return (
      isAway ||
      record.held !== null ||
      record.groupId !== group.masterSlaveServerGroupId ||
      Object.keys(record.testimonies).length > 0 ||
      isUnderWay(record) ||
      describeLeft(clouds, standing, new Set()).length > 0 ||
      accusersOf(clouds, standing, primary).length > 0 ||
      isGone(clouds, secondary.serverId)
    );
  });
}

function standings(clouds: MemoryClouds, { pairs }: Config): ReadonlyArray<Standing> {
  if (pairs.length === 0) return [];
  const records = new Map(pairsOf(clouds).map((record) => [record.name, record]));
  return pairs.map((pair) => {
    const listeners = clouds.slb
      .listenersOf(pair.loadBalancerId)
      .filter((listener) =>
        pair.listeners.some(
          ({ protocol, port }) => listener.listenerProtocol === protocol && listener.listenerPort === port,
        ),
      );
    const used = [...new Set(listeners.map((listener) => listener.masterSlaveServerGroupId ?? null))];
    const [only] = used;
    const group = used.length === 1 && typeof only === 'string' ? clouds.slb.masterSlaveGroup(only) : null;
    const of = (role: string) => group?.backends.find(({ serverType }) => serverType === role) ?? null;
    const record = records.get(pair.name) ?? null;
    return { pair, record, listeners, group, primary: of('Master'), secondary: of('Slave') };
  });
}

function describeApart({ listeners, group }: Standing): string | null {
  if (listeners.length === 0 || group !== null) return null;
  const uses = listeners.map(
    ({ listenerProtocol, listenerPort, masterSlaveServerGroupId }) =>
      `${listenerProtocol}:${listenerPort} uses ${masterSlaveServerGroupId ?? 'nothing of its kind'}`,
  );
  return uses.join(', ');
}

function describePrimary(clouds: MemoryClouds, standing: Standing): string | null {
  const { pair, group, primary, secondary } = standing;
  if (group === null || secondary === null) return null;
  if (primary === null) {
    // SLB drops a released server at some time or other.
    const isHelpless = !isFit(clouds, standing, secondary) || !hasStandby(clouds, standing);
    if (isHelpless || !pair.promoteOn.has('stop')) return null;
    return `its primary was dropped, ${secondary.serverId} is fit and a standby is there`;
  }
  const accusers = accusersOf(clouds, standing, primary);
  if (accusers.length < 2 || !isFit(clouds, standing, secondary)) return null;
  const trigger = accusers.includes('ecs') ? 'stop' : 'unhealthy';
  if (!pair.promoteOn.has(trigger)) return null;
  const mayStay = pair.degraded === 'swap' && clouds.ecs.find(primary.serverId)?.status === 'Running';
  if (!mayStay && !hasStandby(clouds, standing)) return null;
  return `${primary.serverId} is its primary still, though it is bad (${accusers.join(', ')}) and ${secondary.serverId} is not`;
}

function describeSecondary(clouds: MemoryClouds, standing: Standing): string | null {
  const { primary, secondary } = standing;
  if (primary === null || accusersOf(clouds, standing, primary).length > 0) return null;
  if (secondary !== null && !isGone(clouds, secondary.serverId)) return null;
  if (!hasStandby(clouds, standing)) return null;
  return `its secondary ${secondary?.serverId ?? ''} is gone, and a standby is there`;
}

function describeUnended({ record }: Standing): ReadonlyArray<string> {
  if (record?.saga == null || !isUnderWay(record)) return [];
  return [`${record.saga.kind} ${record.saga.number} is under way (${record.saga.phase})`];
}

/** Groups of the product's names, and those that were the pair's own, that no listener uses any more. */
function describeLeft(
  { slb }: MemoryClouds,
  { pair, record }: Standing,
  chosen: ReadonlySet<string>,
): ReadonlyArray<string> {
  if (record === null) return [];
  const { saga, leftovers } = record;
  // Of a change that was turned back nobody of us has replaced the old group: who has left it is to say what becomes of it.
  const replaced = saga?.outcome === 'done' ? [saga.from?.groupId] : [];
  const own = new Set([...replaced, saga?.groupId, ...leftovers]);
  return slb.masterSlaveGroupsOf(pair.loadBalancerId).flatMap((group) => {
    const { masterSlaveServerGroupId: groupId, masterSlaveServerGroupName: groupName } = group;
    const number = numberOfName(pair.name, groupName);
    const isOurs = (number !== null && number <= record.number) || (own.has(groupId) && !chosen.has(groupId));
    if (!isOurs || slb.listeners.usersOf(groupId).length > 0) return [];
    return [`${groupId} (${groupName}) is left over`];
  });
}

function isUnderWay({ saga }: PairRecord): boolean {
  return saga !== null && saga.phase !== 'ended';
}

type Accuser = 'ecs' | 'health' | 'probe';

/** Who could call the server bad now, as it really is. */
function accusersOf(
  clouds: MemoryClouds,
  { pair, listeners }: Standing,
  { serverId, port }: Member,
): ReadonlyArray<Accuser> {
  const found: Array<Accuser> = [];
  const isAway = isGone(clouds, serverId);
  if (isAway) found.push('ecs');
  const reports = healthOf(clouds, pair, listeners).filter(
    (each) => each.serverId === serverId && each.port === port,
  );
  const has = (status: string) => reports.some(({ serverHealthStatus }) => serverHealthStatus === status);
  if (has('abnormal') && !has('normal')) found.push('health');
  if (!isAway && pair.candidate === 'probe' && !clouds.ecs.applications.serves(serverId, port)) {
    found.push('probe');
  }
  return found;
}

function healthOf(
  { slb }: MemoryClouds,
  { loadBalancerId }: Pair,
  listeners: ReadonlyArray<Listener>,
): ReadonlyArray<BackendHealth> {
  return listeners.flatMap(({ listenerPort, listenerProtocol, status, settings }) =>
    status === 'running' && settings.HealthCheck === 'on'
      ? slb.health.describe({ loadBalancerId, listenerPort, listenerProtocol })
      : [],
  );
}

/** Whether ECS shows it as no server to build on. */
function isGone({ ecs, ess }: MemoryClouds, serverId: string): boolean {
  const instance = ecs.find(serverId);
  if (instance === null || instance.status !== 'Running') return true;
  if (instance.lockReasons?.includes('Recycling') === true) return true;
  return ess.member(serverId)?.lifecycleState.startsWith('Removing') === true;
}

function isFit(clouds: MemoryClouds, standing: Standing, member: Member): boolean {
  const { ecs, foundation } = clouds;
  const { pair } = standing;
  const isLeaving = ecs
    .systemEvents()
    .some(({ instanceId, eventType }) => instanceId === member.serverId && DEPARTURE.test(eventType));
  if (isGone(clouds, member.serverId) || isLeaving) return false;
  if (accusersOf(clouds, standing, member).length > 0) return false;
  const runningSinceMs = ecs.find(member.serverId)?.history.at(-1)?.atMs ?? 0;
  return pair.candidate === 'probe' || foundation.clock.nowMs() - runningSinceMs > pair.runningForMs;
}

/** Whether the pool has somebody fit who is nobody's member. */
function hasStandby(clouds: MemoryClouds, standing: Standing): boolean {
  const { pair, primary, secondary } = standing;
  const { standby } = pair;
  if (standby === null) return false;
  const taken = new Set(pairsOf(clouds).flatMap(({ memberIds }) => memberIds));
  const members = [primary?.serverId, secondary?.serverId];
  return clouds.ecs.instances().some((instance) => {
    const { instanceId } = instance;
    if (members.includes(instanceId) || taken.has(instanceId)) return false;
    if (!isInPool(clouds, standby.selector, instance)) return false;
    const port = standby.port ?? primary?.port ?? 0;
    return isFit(clouds, standing, { serverId: instanceId, port });
  });
}

function isInPool({ ess }: MemoryClouds, selector: Selector, { instanceId, tags }: Instance): boolean {
  if (selector.kind === 'scaling-group') {
    const member = ess.member(instanceId);
    return member?.scalingGroupId === selector.scalingGroupId && member.lifecycleState === 'InService';
  }
  return selectorTags(selector).every(({ key, value }) =>
    tags.some((tag) => tag.key === key && tag.value === value),
  );
}
