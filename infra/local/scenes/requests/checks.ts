import { type BackendLife, drainedMs } from '../backend-lives.ts';
import type { ReceivedResult, ResultMessage } from './desk.ts';

/** A check's problems, one sentence each, and what was counted for it. */
export interface Found {
  readonly problems: ReadonlyArray<string>;
  readonly figures: Readonly<Record<string, number>>;
}

/** What a request was to be answered with. */
export type Answer = Partial<Pick<ResultMessage, 'outcome' | 'code' | 'approvedBy'>>;

/** Members of the results that are other than expected. There must be exactly one result. */
export function answeredOtherwise(
  results: ReadonlyArray<ResultMessage>,
  expected: Answer,
): ReadonlyArray<string> {
  const [result, ...others] = results;
  if (result === undefined) return ['there is no result'];
  if (others.length > 0) return [`there are ${results.length} results`];
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const is = result[name as keyof Answer];
    return is === wanted ? [] : [`${name} is ${is} and not ${wanted}: ${result.reason}`];
  });
}

/** Results that are not the very same text as the others under their id. */
export function differentTexts(results: ReadonlyArray<ReceivedResult>): Found {
  const first = new Map<string, string>();
  const problems = results.flatMap(({ resultId, requestId, text }) => {
    const before = first.get(resultId) ?? text;
    first.set(resultId, before);
    return before === text ? [] : [`a copy of the result of ${requestId} says something else`];
  });
  return { problems, figures: { results: results.length, different: first.size } };
}

/** Steps of a drain's plan that are missing or too many: weight 0 and the removal for each backend, and nothing held. */
export function plannedOtherwise(
  plan: ResultMessage['plan'],
  vServerGroupId: string,
  backends: ReadonlyArray<string>,
): Found {
  const wanted = new Set(
    backends.flatMap((backend) => [
      `set-weight ${vServerGroupId}/${backend}`,
      `remove ${vServerGroupId}/${backend}`,
    ]),
  );
  const { steps = [], held = [] } = plan ?? {};
  const told = steps.map(({ action, subject }) => `${action} ${subject}`);
  return {
    problems: [
      ...told.filter((step) => !wanted.has(step)).map((step) => `${step} is in the plan`),
      ...[...wanted].filter((step) => !told.includes(step)).map((step) => `${step} is not in the plan`),
      ...held.map((text) => `held: ${text}`),
    ],
    figures: { steps: steps.length },
  };
}

/** How a drain for a time has to go. */
export interface DrainTerms {
  readonly begunAtMs: number;
  readonly forMs: number;
  /** At weight 0 for so long before the removal. */
  readonly drainMs: number;
  /** The weights of the way back, the last one the full one. */
  readonly ramp: ReadonlyArray<number>;
}

/** What of a drain for a time, and of the way back, did not go as asked. `lives`: of one backend, in their order. */
export function drainedOtherwise(
  name: string,
  lives: ReadonlyArray<BackendLife>,
  { begunAtMs, forMs, drainMs, ramp }: DrainTerms,
): ReadonlyArray<string> {
  const [out, back, ...others] = lives;
  if (out === undefined || back === undefined) return [`${name} did not come back`];
  if (others.length > 0) return [`${name} went ${lives.length} times`];
  const drained = drainedMs(out);
  const returnedAtMs = back.weights[0]?.atMs ?? 0;
  const weights = back.weights.map(({ weight }) => weight);
  return [
    ...(drained === null ? [`${name} was removed with weight`] : []),
    ...(drained !== null && drained < drainMs ? [`${name} was removed after ${drained} ms`] : []),
    ...(returnedAtMs < begunAtMs + forMs
      ? [`${name} was back ${begunAtMs + forMs - returnedAtMs} ms before its time was up`]
      : []),
    ...(weights.join() === ramp.join() ? [] : [`${name} came back at ${weights.join(', ')}`]),
  ];
}

/** The times of drains, as figures: the shortest at weight 0, and how late the last was back in the group. */
export function drainFigures(
  lives: ReadonlyArray<BackendLife>,
  endsAtMs: number,
): Readonly<Record<string, number>> {
  const drains = lives.flatMap((life) => drainedMs(life) ?? []);
  const returns = lives.filter(({ removedAtMs }) => removedAtMs === null);
  const lastBackAtMs = Math.max(endsAtMs, ...returns.map(({ weights }) => weights[0]?.atMs ?? 0));
  return {
    shortestDrainMs: drains.length === 0 ? 0 : Math.min(...drains),
    lastBackLateMs: lastBackAtMs - endsAtMs,
  };
}

/** Calls of a result that nobody has made. `madeIds`: the clouds' ids of all requests that they got. */
export function unknownCalls(
  { calls = [] }: Pick<ResultMessage, 'calls'>,
  madeIds: ReadonlySet<string>,
): Found {
  const named = new Set(calls.flatMap(({ requestIds }) => requestIds));
  return {
    problems: [
      ...(named.size === 0 ? ['it names no call'] : []),
      ...[...named].filter((id) => !madeIds.has(id)).map((id) => `nobody has made the call ${id}`),
    ],
    figures: { calls: named.size },
  };
}
