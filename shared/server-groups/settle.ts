import { type InstanceNews, type LiftedGuard, NO_NEWS, newsFor } from './backend/news.ts';
import type { Pause } from './backend/pause.ts';
import type { BackendRow } from './backend/record.ts';
import type { Action, Question, Situation } from './backend/situation.ts';
import { transition } from './backend/transition.ts';
import type { Candidate, Draft } from './draft.ts';
import type { GroupContext } from './group-context.ts';
import { backendId, backendKey } from './model.ts';

/** A backend's rules settle in a few turns; more is a defect that must not become a loop. */
const TURNS_MAX = 10;

/** Where the rules have left a backend. */
export interface Settled {
  readonly row: BackendRow | null;
  readonly action: Action;
  readonly reason: string;
  /** Guards that do not hold it. */
  readonly lifted: ReadonlyArray<LiftedGuard>;
}

/** Applies the rules to one backend until they change nothing more; `null` = ECS was not asked about its server. */
export function settle(
  draft: Draft,
  candidate: Candidate,
  news: ReadonlyMap<string, InstanceNews>,
  context: GroupContext,
): Settled | null {
  // Nothing can be said about a server that nobody was asked about, or whom only answers that prove nothing are about.
  if (!draft.input.instances.asked.has(candidate.identity.serverId)) return null;
  let row = candidate.row;
  let reason = '';
  if (leansOnHealth(row)) draft.needsHealth = true;
  if (candidate.hasLeft && context.moves.of(candidate)?.leansOnHealth === true) draft.needsHealth = true;
  for (let turn = 1; ; turn++) {
    const situation = situationOf(draft, candidate, row, news, context);
    const result = transition(situation);
    if (result.decision !== null) {
      reason = result.decision.reason;
      draft.decide(situation, result.row, result.decision);
    }
    if (result.wake !== null) draft.wait(result.wake.atMs, result.wake.reason);
    if (result.question !== null) enquire(draft, situation, result.question);
    if (leansOnHealth(result.row)) draft.needsHealth = true;
    if (result.row === row || turn >= TURNS_MAX) {
      return { row: result.row, action: result.action, reason, lifted: situation.news.lifted };
    }
    row = result.row;
  }
}

/** Whether what is decided about a backend may depend on what the health checks say of it, or of its group. */
function leansOnHealth(row: BackendRow | null): boolean {
  if (row === null) return false;
  const isComing = row.phase === 'joining' || row.phase === 'ramping';
  return isComing || row.orders.some(({ cause }) => cause === 'health-alarm');
}

/** All that is known of a candidate whose row is as given. */
export function situationOf(
  { input: { instances, answers, nowMs } }: Draft,
  candidate: Candidate,
  row: BackendRow | null,
  news: ReadonlyMap<string, InstanceNews>,
  context: GroupContext,
): Situation {
  const { identity, binding, weight, backend } = candidate;
  const { serverId } = identity;
  const { probes, connections } = answers;
  // Hardly any plan has answers, so the key to them is made up only where there are some.
  const id = probes.size + connections.size === 0 ? '' : backendId(identity);
  // Written out, here and for each row and step: a spread with properties after it is slow in Node 20.
  const situation: Situation = {
    identity,
    binding,
    weight,
    row,
    backend,
    instance: instances.present.get(serverId) ?? null,
    news: pausedNews(
      newsFor(
        withSaid(news.get(serverId) ?? NO_NEWS, candidate, row, context),
        { binding: binding?.name ?? row?.binding ?? null, port: identity.port, serverId },
        instances,
        nowMs,
      ),
      context.pauses.get(binding?.name ?? ''),
    ),
    health: context.health.get(backendKey(identity)) ?? null,
    probe: probes.get(id) ?? null,
    connections: connections.get(id) ?? null,
    group: context.situation,
    nowMs,
  };
  return context.moves.areNone ? situation : { ...situation, ...movingOf(candidate, context) };
}

/** What of its server's move a backend's rules depend on. */
function movingOf(candidate: Candidate, { moves }: GroupContext): Pick<Situation, 'left' | 'heritage'> {
  const left = moves.of(candidate)?.left;
  const heritage = moves.heritageOf(candidate);
  return { ...(left === undefined ? {} : { left }), ...(heritage === null ? {} : { heritage }) };
}

/** With what is said of the whole binding, if the backend is in the group, or on its way. */
function withSaid(
  news: InstanceNews,
  { binding, backend }: Candidate,
  row: BackendRow | null,
  { said }: GroupContext,
): InstanceNews {
  if (said.size === 0 || (row === null && backend === null)) return news;
  const ofBinding = said.get(binding?.name ?? row?.binding ?? '');
  return ofBinding === undefined ? news : { ...news, scoped: [...news.scoped, ...ofBinding] };
}

function pausedNews(news: InstanceNews, paused: Pause | undefined): InstanceNews {
  return paused === undefined ? news : { ...news, paused };
}

function enquire(draft: Draft, { identity, binding, instance, nowMs }: Situation, question: Question): void {
  if (question === 'connections') {
    draft.enquiries.push({ kind: 'connections', backend: identity });
  } else if (binding !== null && instance !== null && instance.privateIp !== null) {
    const privateIp = identity.serverIp ?? instance.privateIp;
    draft.enquiries.push({ kind: 'probe', backend: identity, privateIp, probe: binding.probe.probe });
  }
  // Should the pass end before it could ask, the next one asks.
  draft.wait(nowMs, `an answer about ${identity.serverId}`);
}
