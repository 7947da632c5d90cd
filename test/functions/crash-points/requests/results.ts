import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { readLane, rowsOf } from '../../../../infra/local/simulator/play/tables.ts';
import type { StoredMessage } from '../../../../infra/local/world/mns/message.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { isRequestLane } from '../../../../shared/requests/model.ts';
import { type ResultMessage, readResult } from '../../change-requests/virtual.ts';

/** The results on their queue, which nobody takes off it, in the order of their sending. */
export function resultsIn({ foundation }: MemoryClouds): ReadonlyArray<ResultMessage> {
  return [...foundation.store.collection<StoredMessage>('mns-messages').values()]
    .filter(({ queueName }) => queueName === QUEUES.results)
    .sort((one, other) => one.sequence - other.sequence)
    .map(({ body }) => readResult(body));
}

/** What is wrong with the answers of a story that has ended: every request has one text, and nothing of it is open. */
export function faultsOfResults(clouds: MemoryClouds, wanted: ReadonlyArray<string>): ReadonlyArray<string> {
  const faults: Array<string> = [];
  const results = resultsIn(clouds);
  const byId = new Map(results.map((result) => [result.resultId, result]));
  const found = [...byId.values()].map(
    ({ requestId, outcome, code = null }) => `${requestId} ${outcome} ${code}`,
  );
  const [is, should] = [found.sort().join(', '), wanted.join(', ')];
  if (is !== should) faults.push(`the results: ${is}, not ${should}`);
  const texts = new Set(results.map(({ text }) => text)).size;
  if (texts !== byId.size) faults.push(`${byId.size} results have ${texts} texts`);
  const open = rowsOf(clouds, 'requests').filter(({ key }) => key[0]?.startsWith('open/'));
  if (open.length > 0) faults.push(`still on a list: ${open.map(({ key }) => key.join(' ')).join(', ')}`);
  for (const { loadBalancerId, owner, dirty, handled } of rowsOf(clouds, 'lanes').map(readLane)) {
    if (!isRequestLane(loadBalancerId) || (owner === '' && dirty === handled)) continue;
    faults.push(`${loadBalancerId} is held by "${owner}" with ${dirty - handled} signals`);
  }
  return faults;
}
