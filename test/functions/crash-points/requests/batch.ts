import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { Change } from '../../../../shared/requests/document.ts';
import { aRequest } from '../../../support/requests.ts';
import { configured, instancesOf } from '../story.ts';
import { ask, REQUEST_TIMING, REQUESTS, type RequestStory } from './story.ts';

const GOOD = 90;
const FOR = '2m';
const LOWER = 20;
const MESSAGE_BYTES_MAX = 65_536;

/** A hundred messages in one batch, every tenth of them bad in its own way. */
export const BATCH: RequestStory = {
  name: 'a hundred requests come in one batch, ten of them bad',
  config: configured({}, { requests: REQUESTS, timing: REQUEST_TIMING }),
  inService: GOOD,
  begin(clouds) {
    for (const text of hundred(clouds)) {
      const encoded = Buffer.from(text).toString('base64');
      // What is too long for that goes as it is.
      const body = encoded.length > MESSAGE_BYTES_MAX ? text : encoded;
      clouds.mns.sendMessage(QUEUES.changeRequests, { body });
    }
  },
  isApproved: false,
  quarantined: 3,
  atEnd: numbers(),
  results: [
    ...numbers().map((index) => `good-${index} done null`),
    // As a number has no id, nor has what cannot be read.
    'null quarantined quarantined',
    'bad-member quarantined quarantined',
    'bad-size quarantined quarantined',
    'bad-unsigned refused unsigned',
    'bad-altered refused bad-signature',
    'bad-right refused right-not-held',
    'bad-time refused expired',
    'bad-target refused unknown-target',
    'bad-stranger refused not-a-member',
    'good-0 refused reused-id',
  ].sort(),
  moves: Object.fromEntries(
    numbers().flatMap((index) => [
      [`${index} ->100`, 1],
      [`${index} 100>${LOWER}`, 1],
      [`${index} ${LOWER}>100`, 1],
    ]),
  ),
};

function numbers(): ReadonlyArray<number> {
  return Array.from({ length: GOOD }, (_, index) => index);
}

function hundred(clouds: MemoryClouds): ReadonlyArray<string> {
  const ids = instancesOf(clouds);
  const weight = (index: number, id = ids[index] ?? ''): Change & { kind: 'set-weight' } => ({
    kind: 'set-weight',
    binding: 'story',
    instances: [id],
    weight: LOWER,
    for: FOR,
  });
  const some = weight(1);
  const bad: ReadonlyArray<string> = [
    'drain everything, please',
    JSON.stringify({ ...ask('bad-member', some), urgent: true }),
    JSON.stringify({ ...ask('bad-size', some), reason: 'x'.repeat(48 * 1024) }),
    JSON.stringify(aRequest({ requestId: 'bad-unsigned', change: some })),
    JSON.stringify({ ...ask('bad-altered', some), reason: 'something else' }),
    JSON.stringify(ask('bad-right', { kind: 'remove', binding: 'story', instances: [ids[1] ?? ''] })),
    JSON.stringify(ask('bad-time', some, { notAfter: '2020-01-01T00:00:00Z' })),
    JSON.stringify(ask('bad-target', { ...some, binding: 'nothing' })),
    JSON.stringify(ask('bad-stranger', weight(0, 'i-stranger'))),
    JSON.stringify(ask('good-0', { ...some, for: '3m' })),
  ];
  return numbers().flatMap((index) => {
    const good = JSON.stringify(ask(`good-${index}`, weight(index)));
    const one = index % 9 === 8 ? bad[Math.floor(index / 9)] : undefined;
    return one === undefined ? [good] : [good, one];
  });
}
