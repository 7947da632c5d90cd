import { listenerName, type Pair } from '../../../../shared/config/pair.ts';
import type { PairMemberRecord } from '../play/tables.ts';
import {
  type Look,
  type Looks,
  listenerKey,
  type SeenHealth,
  type SeenServer,
  type Sight,
} from './pair-sight.ts';

/** Who says something about a server. */
export type PairObserver = 'health' | 'ecs' | 'probe';

/** What a worker had seen of a server of a pair until some instant. */
export interface Evidence {
  readonly sight: Sight;
  readonly pair: Pair;
  readonly member: PairMemberRecord;
  /** `null` = nobody knows it any more, so nobody has asked it either. */
  readonly privateIp: string | null;
  /** Groups of Auto Scaling whose members the worker has listed, by instance: their states. */
  readonly scalingStates: ReadonlyMap<string, string>;
  readonly untilMs: number;
}

/** What a decision is made from, and then written down, is at most this old. */
const LOOK_AGE_MAX_MS = 20_000;
const INTERRUPTING = /^(?:SystemMaintenance|SystemFailure|InstanceFailure)\./;

/** Those by whom the worker may have been told that the server is bad: in doubt it was. */
export function possibleAccusers(evidence: Evidence): ReadonlySet<PairObserver> {
  const sinceMs = evidence.untilMs - LOOK_AGE_MAX_MS;
  return accusers(evidence, (looks, key, isBad) =>
    looks.since(key, sinceMs).some(({ sentAtMs, seen }) => sentAtMs <= evidence.untilMs && isBad(seen)),
  );
}

/** Those by whom the worker was certainly told so when it last asked. */
export function certainAccusers(evidence: Evidence): ReadonlySet<PairObserver> {
  return accusers(evidence, (looks, key, isBad) => {
    const newest = looks.newest(key, evidence.untilMs);
    return newest.length > 0 && newest.every(({ seen }) => isBad(seen));
  });
}

type Ask = <Seen>(looks: Looks<Seen>, key: string, isBad: (seen: Seen) => boolean) => boolean;

function accusers(evidence: Evidence, ask: Ask): ReadonlySet<PairObserver> {
  const { sight, pair, member, privateIp, scalingStates } = evidence;
  const { serverId, port } = member;
  const found = new Set<PairObserver>();
  const checking = checkingListeners(evidence);
  if (ask(sight.health, pair.loadBalancerId, (seen) => isAbnormal(seen, member, checking)))
    found.add('health');
  const isLeaving = scalingStates.get(serverId)?.startsWith('Removing') === true;
  const isBadServer = ({ status, isRecycling }: SeenServer) => status !== 'Running' || isRecycling;
  const hasEvent = ask(sight.events, serverId, (types) => types.some((type) => INTERRUPTING.test(type)));
  if (isLeaving || hasEvent || ask(sight.servers, serverId, isBadServer)) found.add('ecs');
  const isRefused = (answers: boolean) => !answers;
  const address = `${privateIp}:${port}`;
  if (pair.candidate === 'probe' && privateIp !== null && ask(sight.probes, address, isRefused)) {
    found.add('probe');
  }
  return found;
}

function isAbnormal(
  seen: ReadonlyArray<SeenHealth>,
  { serverId, port }: PairMemberRecord,
  checking: ReadonlySet<string>,
): boolean {
  const reports = seen.filter(
    (each) => each.serverId === serverId && each.port === port && checking.has(each.listener),
  );
  const has = (status: string) => reports.some((each) => each.status === status);
  return has('abnormal') && !has('normal');
}

/** The pair's listeners that check, as far as the worker has seen: what others show is no finding. */
function checkingListeners({ sight, pair, untilMs }: Evidence): ReadonlySet<string> {
  const isChecking = ({
    seen: { settings },
  }: Look<{ readonly settings: Readonly<Record<string, unknown>> }>) =>
    settings.HealthCheck === 'on' && settings.Status !== 'stopped';
  return new Set(
    pair.listeners
      .filter((listener) =>
        sight.listeners.newest(listenerKey(pair.loadBalancerId, listener), untilMs).some(isChecking),
      )
      .map(listenerName),
  );
}
