import type { Binding } from '../../../../shared/config/binding.ts';
import type { CallRecord } from '../../world/calls.ts';
import { type BackendLife, drainedMs, weightAt } from '../backend-lives.ts';
import type { Wait } from './waits.ts';

/** A check's problems, one sentence each, and what was counted for it. */
export interface Found {
  readonly problems: ReadonlyArray<string>;
  readonly figures: Readonly<Record<string, number>>;
}

/** `serverId:port` of the backends that the health checks found good when a token was answered, by token. */
export type HealthyAtAnswer = ReadonlyMap<string, ReadonlySet<string>>;

type Placing = Pick<Binding, 'vServerGroupId' | 'ports' | 'readiness' | 'join' | 'drain'>;

/** Tokens that were not answered exactly once, by the functions, with CONTINUE. `calls`: CompleteLifecycleAction. */
export function notAnsweredOnce(
  waits: ReadonlyArray<Wait>,
  calls: ReadonlyArray<Pick<CallRecord, 'parameters' | 'applied'>>,
): Found {
  const tokenOf = ({ parameters }: Pick<CallRecord, 'parameters'>) =>
    (parameters as { lifecycleActionToken?: string }).lifecycleActionToken;
  const problems = waits.flatMap(({ token, transition, ends }) => {
    const name = `${transition} ${token}`;
    const [end] = ends;
    if (end === undefined) return [`${name} was not answered`];
    if (ends.length > 1) return [`${name} ended ${ends.length} times`];
    const sent = calls.filter((call) => call.applied && tokenOf(call) === token).length;
    if (end.by !== 'caller' || sent === 0) return [`${name} ended by ${end.by}, with ${sent} calls of ours`];
    if (sent > 1) return [`${name} was answered with ${sent} calls`];
    return end.result === 'CONTINUE' ? [] : [`${name} was answered ${end.result}`];
  });
  const known = new Set(waits.map(({ token }) => token));
  const strangers = calls.filter((call) => !known.has(tokenOf(call) ?? ''));
  const answers = calls.filter(({ applied }) => applied).length;
  return {
    problems: [
      ...problems,
      ...strangers.map((call) => `${tokenOf(call)} was answered, which nobody waits for`),
    ],
    figures: {
      tokens: waits.length,
      completeLifecycleActionCalls: calls.length,
      refused: calls.length - answers,
    },
  };
}

/**
 * Backends that were not there, had no weight but the one until they are ready, or were not found good when Auto Scaling
 * was told to go on with them.
 */
export function answeredBeforeServing(
  waits: ReadonlyArray<Wait>,
  lives: ReadonlyArray<BackendLife>,
  bindings: ReadonlyArray<Placing>,
  healthy: HealthyAtAnswer,
): Found {
  const answered = answeredPlaces(waits, bindings, 'SCALE_OUT');
  const problems = answered.flatMap(({ token, atMs, vServerGroupId, serverId, port, binding }) => {
    const name = `${serverId}:${port} of ${vServerGroupId}`;
    const life = livesOf(lives, { vServerGroupId, serverId, port }).findLast(
      (each) => weightAt(each, atMs) !== null,
    );
    if (life === undefined) return [`${name} was not there when ${token} was answered`];
    const weight = weightAt(life, atMs) ?? 0;
    const unready = binding.readiness === 'running' ? 0 : binding.join.weight;
    if (weight <= unready) return [`${name} had weight ${weight} when ${token} was answered`];
    const isToBeHealthy = binding.readiness === 'load-balancer' || binding.readiness === 'both';
    if (!isToBeHealthy || healthy.get(token)?.has(`${serverId}:${port}`)) return [];
    return [`${name} was not healthy when ${token} was answered`];
  });
  return { problems, figures: figuresOf(answered) };
}

/** Backends that were there still, or had not had weight 0 for their drain time, when Auto Scaling was told to go on. */
export function answeredBeforeDrained(
  waits: ReadonlyArray<Wait>,
  lives: ReadonlyArray<BackendLife>,
  bindings: ReadonlyArray<Placing>,
): Found {
  const answered = answeredPlaces(waits, bindings, 'SCALE_IN');
  const drains: Array<number> = [];
  const problems = answered.flatMap(({ token, atMs, vServerGroupId, serverId, port, binding }) => {
    const name = `${serverId}:${port} of ${vServerGroupId}`;
    const life = livesOf(lives, { vServerGroupId, serverId, port }).at(-1);
    if (life === undefined) return [`${name} had never been there`];
    if (life.removedAtMs === null || life.removedAtMs > atMs) {
      return [`${name} was still there when ${token} was answered`];
    }
    const ms = drainedMs(life);
    if (ms === null) return [`${name} was removed with weight`];
    drains.push(ms);
    return ms >= binding.drain.timeMs
      ? []
      : [`${name} was removed ${ms} ms after it got weight 0, not ${binding.drain.timeMs} ms`];
  });
  const shortestDrainMs = drains.length === 0 ? 0 : Math.min(...drains);
  return { problems, figures: { ...figuresOf(answered), shortestDrainMs } };
}

/** Waits that Auto Scaling itself ended. `heartbeats`: how often it was asked to wait longer. */
export function timeouts(waits: ReadonlyArray<Wait>, heartbeats: number): Found {
  const late = waits.filter(({ ends }) => ends.some(({ by }) => by === 'timeout'));
  return {
    problems: late.map(({ transition, token }) => `${transition} ${token} timed out`),
    figures: { timeouts: late.length, heartbeatCalls: heartbeats },
  };
}

/** Where an instance belongs, or belonged, when its token was answered. */
interface AnsweredPlace extends Pick<BackendLife, 'vServerGroupId' | 'serverId' | 'port'> {
  readonly token: string;
  readonly atMs: number;
  readonly binding: Placing;
}

function answeredPlaces(
  waits: ReadonlyArray<Wait>,
  bindings: ReadonlyArray<Placing>,
  transition: Wait['transition'],
): ReadonlyArray<AnsweredPlace> {
  return waits
    .filter((wait) => wait.transition === transition)
    .flatMap(({ token, instanceIds, ends: [end] }) =>
      end === undefined
        ? []
        : instanceIds.flatMap((serverId) =>
            bindings.flatMap((binding) =>
              binding.ports.map(({ port }) => ({
                token,
                atMs: end.atMs,
                vServerGroupId: binding.vServerGroupId,
                serverId,
                port,
                binding,
              })),
            ),
          ),
    );
}

function livesOf(
  lives: ReadonlyArray<BackendLife>,
  { vServerGroupId, serverId, port }: Pick<BackendLife, 'vServerGroupId' | 'serverId' | 'port'>,
): ReadonlyArray<BackendLife> {
  return lives.filter(
    (life) => life.vServerGroupId === vServerGroupId && life.serverId === serverId && life.port === port,
  );
}

function figuresOf(answered: ReadonlyArray<AnsweredPlace>): Readonly<Record<string, number>> {
  return {
    instances: new Set(answered.map(({ serverId }) => serverId)).size,
    backends: answered.length,
  };
}
