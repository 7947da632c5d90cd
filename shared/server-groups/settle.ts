import type { Candidate, Draft } from './draft.ts';
import type { GroupContext } from './group-context.ts';
import { healthKey } from './health.ts';
import { backendId } from './model.ts';
import { type InstanceNews, NO_NEWS } from './news.ts';
import type { BackendRow } from './record.ts';
import type { Action, Question, Situation } from './situation.ts';
import { transition } from './transition.ts';

/** A backend's rules settle in a few turns; more is a defect that must not become a loop. */
const TURNS_MAX = 10;

/** Where the rules have left a backend. */
export interface Settled {
  readonly row: BackendRow | null;
  readonly action: Action;
  readonly reason: string;
}

/** Applies the rules to one backend until they change nothing more; `null` = ECS was not asked about its server. */
export function settle(
  draft: Draft,
  candidate: Candidate,
  news: ReadonlyMap<string, InstanceNews>,
  context: GroupContext,
): Settled | null {
  const { instances, answers, nowMs } = draft.input;
  const { identity } = candidate;
  const { serverId } = identity;
  // Nothing can be said about a server that ECS was not asked about: a network interface, or a record just read.
  if (!instances.asked.has(serverId)) return null;
  const id = backendId(identity);
  let row = candidate.row;
  let reason = '';
  for (let turn = 1; ; turn++) {
    // Written out, here and for each row and step: a spread with properties after it is slow in Node 20.
    const situation: Situation = {
      identity,
      binding: candidate.binding,
      weight: candidate.weight,
      row,
      backend: candidate.backend,
      instance: instances.present.get(serverId) ?? null,
      news: news.get(serverId) ?? NO_NEWS,
      health: context.health.get(healthKey(identity)) ?? null,
      probe: answers.probes.get(id) ?? null,
      connections: answers.connections.get(id) ?? null,
      group: context.situation,
      nowMs,
    };
    const result = transition(situation);
    if (result.decision !== null) {
      reason = result.decision.reason;
      draft.decide(situation, result.row, result.decision);
    }
    if (result.wake !== null) draft.wait(result.wake.atMs, result.wake.reason);
    if (result.question !== null) enquire(draft, situation, result.question);
    if (result.row === row || turn >= TURNS_MAX) return { row: result.row, action: result.action, reason };
    row = result.row;
  }
}

function enquire(draft: Draft, { identity, binding, instance, nowMs }: Situation, question: Question): void {
  if (question === 'connections') {
    draft.enquiries.push({ kind: 'connections', backend: identity });
  } else if (binding !== null && instance !== null && instance.privateIp !== null) {
    const { privateIp } = instance;
    draft.enquiries.push({ kind: 'probe', backend: identity, privateIp, probe: binding.probe.probe });
  }
  // Should the pass end before it could ask, the next one asks.
  draft.wait(nowMs, `an answer about ${identity.serverId}`);
}
