import { CloudError } from '../../world/errors.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { Scene } from './invariant.ts';

/** An answer as our gateway sends it. */
interface Answer {
  readonly LifecycleHookId: string;
  readonly LifecycleActionToken: string;
  readonly LifecycleActionResult: string;
  readonly ClientToken: string;
}

/**
 * Watches what is sent to Auto Scaling: an answer stands in the hook's row before it is sent, every repeat says the same under
 * the same client token, and no heartbeat is sent that is one too many.
 */
export class SentAnswers {
  readonly #scene: Scene;
  readonly #violate: (text: string) => void;
  /** By hook and token. */
  readonly #first = new Map<string, Answer>();

  constructor(scene: Scene, violate: (text: string) => void) {
    this.#scene = scene;
    this.#violate = violate;
  }

  sent({ worker, travel }: WorkerCall): void {
    if (travel.action !== 'CompleteLifecycleAction') return;
    const answer = travel.parameters as Answer;
    const { LifecycleHookId: hookId, LifecycleActionToken: token, LifecycleActionResult: result } = answer;
    const key = `${hookId} ${token}`;
    const first = this.#first.get(key);
    this.#first.set(key, first ?? answer);
    if (first !== undefined) {
      const { LifecycleActionResult, ClientToken } = first;
      if (LifecycleActionResult === result && ClientToken === answer.ClientToken) return;
      this.#violate(
        `${worker} answers ${key} with ${result} (${answer.ClientToken}) after ${LifecycleActionResult} (${ClientToken})`,
      );
      return;
    }
    const recorded = this.#scene.hooks.find(hookId, token)?.answer ?? null;
    if (recorded?.result === result && recorded.clientToken === answer.ClientToken) return;
    const stands = recorded === null ? 'no answer' : recorded.result;
    this.#violate(`${worker} answers ${key} with ${result}, where ${stands} is recorded`);
  }

  landed({ worker, travel, outcome }: WorkerCall): void {
    const error = outcome?.isOk === false ? outcome.error : null;
    if (!(error instanceof CloudError) || error.code !== 'LifecycleAction.RecordTimesExceeded') return;
    const { lifecycleHookId } = travel.parameters as { readonly lifecycleHookId: string };
    this.#violate(`${worker} sends ${lifecycleHookId} more heartbeats than there are`);
  }
}
