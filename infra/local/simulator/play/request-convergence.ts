import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { StoredMessage } from '../../world/mns/message.ts';
import { requestsOf } from './tables.ts';

/** Whether every request that has come has its result. */
export function areRequestsEnded(clouds: Pick<MemoryClouds, 'foundation'>): boolean {
  return requestsOf(clouds).every(({ phase }) => phase === 'ended');
}

/**
 * What is wrong with the answers to the requests of these ids, once everything has come to rest: each has been answered, and
 * every copy with the same text. `null` = nothing.
 */
export function faultOfAnswers(
  clouds: Pick<MemoryClouds, 'foundation'>,
  requestIds: ReadonlyArray<string>,
): string | null {
  const answers = new Map<string, Set<string>>();
  for (const { queueName, body } of clouds.foundation.store
    .collection<StoredMessage>('mns-messages')
    .values()) {
    if (queueName !== QUEUES.results) continue;
    const text = Buffer.from(body, 'base64').toString('utf8');
    const { requestId } = JSON.parse(text) as { readonly requestId: string };
    answers.set(requestId, (answers.get(requestId) ?? new Set()).add(text));
  }
  for (const requestId of requestIds) {
    const texts = answers.get(requestId)?.size ?? 0;
    if (texts === 0) return `the request ${requestId} was never answered`;
    if (texts > 1) return `the request ${requestId} was answered with ${texts} different texts`;
  }
  return null;
}
