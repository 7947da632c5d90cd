import { DELAY_SECONDS_MAX, type QueueClient } from '../../../shared/adapters/mns/queue-client.ts';
import { DeadlineError } from '../../../shared/adapters/node/deadline.ts';
import { RejectedError, TransientError, type TransientReason } from '../../../shared/errors.ts';
import { AccessDenied, CloudError, ConnectionLost } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import { mnsCall } from '../world/mns/calls.ts';
import type { Mns } from '../world/mns/mns.ts';
import type { Caller } from './caller.ts';

/** What the product makes of the codes of the queue API; others are rejected unless the server itself failed. */
const REASONS: Readonly<Record<string, TransientReason>> = {
  InternalError: 'unknown-outcome',
  InternalServerError: 'unknown-outcome',
  QpsLimitExceeded: 'throttled',
};

/** The client of the queues without the wire. */
export function createMemoryQueueClient(foundation: Foundation, mns: Mns, caller: Caller): QueueClient {
  return {
    async send(queueName, text, delaySeconds) {
      const requestId = foundation.ids.hex(24);
      const { principal } = caller;
      const body = Buffer.from(text, 'utf8').toString('base64');
      const message =
        delaySeconds > 0 ? { body, delaySeconds: Math.min(delaySeconds, DELAY_SECONDS_MAX) } : { body };
      const call = mnsCall(foundation, {
        action: 'SendMessage',
        principal,
        queueName,
        parameters: { count: 1 },
      });
      try {
        await caller.carrier.carry(
          {
            product: 'mns',
            action: 'SendMessage',
            timeoutMs: caller.timeoutMs,
            parameters: { queueName, text, delaySeconds },
            about: () => `${queueName} ${text} in ${delaySeconds} s`,
          },
          () => foundation.gate.perform(call, requestId, () => mns.sendMessage(queueName, message)),
        );
      } catch (failure) {
        throw errorOf(`MNS SendMessage to ${queueName}`, failure, requestId);
      }
    },
  };
}

function errorOf(what: string, failure: unknown, requestId: string): Error {
  const api = 'SendMessage';
  const cause = { cause: failure };
  if (failure instanceof ConnectionLost || failure instanceof DeadlineError) {
    const origin = { api, code: null, requestId: null };
    return new TransientError(`${what} did not answer`, 'unknown-outcome', origin, cause);
  }
  if (failure instanceof AccessDenied) {
    return new RejectedError(`${what} was refused`, { api, code: 'AccessDenied', requestId }, failure);
  }
  if (!(failure instanceof CloudError)) throw failure;
  // The account's call limits speak the words of the RPC products.
  const code = failure.code === 'Throttling.User' ? 'QpsLimitExceeded' : failure.code;
  const origin = { api, code, requestId };
  const reason = REASONS[code] ?? (failure.status >= 500 ? 'unknown-outcome' : undefined);
  if (reason !== undefined) return new TransientError(`${what} failed`, reason, origin, cause);
  return new RejectedError(`${what} was refused`, origin, failure);
}
