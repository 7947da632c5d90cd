import { REQUEST_AGAIN_KIND } from '../../../shared/events/change-request.ts';
import { CORPUS, type Specimen } from './corpus.ts';
import { DAMAGES } from './damages.ts';
import { type Draw, drawFor } from './draw.ts';
import { SPELLINGS, TEXT_DAMAGES } from './spellings.ts';
import { printTree, type Tree, token, treeOf } from './tree.ts';

/** A payload made of a request of the corpus. */
export interface Mutant {
  readonly payload: Buffer;
  /** The document before it was put into its carrier; `null` where the carrier itself is damaged. */
  readonly document: string | null;
  /** Whether a tick stands in front of it and another behind it. */
  readonly hasNeighbours: boolean;
  readonly specimen: Specimen;
  /** What was done to it; empty = it says what it said, maybe in another spelling. */
  readonly damages: ReadonlyArray<string>;
}

const TICK = '{"triggerTime":"t","triggerName":"t"}';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const queued = (messageBody: string, messageId: string) => ({
  type: 'mns:Queue:SendMessage',
  source: 'acs:mns',
  specversion: '1.0',
  id: messageId,
  data: { requestId: 'R', messageId, messageBody },
});
const onTopic = (Message: string) => ({ TopicName: 'requests', MessageId: 'T1', Message });
const inQueue = (text: string) =>
  JSON.stringify([TICK, text, TICK].map((body, index) => queued(body, `Q${index}`)));

/** Ways in which a document comes. The first three stand alone. */
const CARRIERS: ReadonlyArray<(text: string) => string> = [
  (text) => text,
  base64,
  (text) => JSON.stringify(onTopic(text)),
  (text) => JSON.stringify([TICK, text, TICK]),
  inQueue,
  (text) => inQueue(base64(text)),
  (text) => inQueue(JSON.stringify(onTopic(text))),
  (text) => inQueue(JSON.stringify(onTopic(base64(text)))),
];
const LONELY_CARRIERS = 3;

/** The document of that number. The same for the same seed, whichever came before. */
export function mutantOf(seed: number, number: number): Mutant {
  const draw = drawFor(seed, number);
  const specimen = draw.of(CORPUS);
  const damages: Array<string> = [];
  const document = textOf(specimen, draw, damages);
  const carrier = draw.below(CARRIERS.length);
  const payload = Buffer.from(CARRIERS[carrier]?.(document) ?? document);
  const isCarrierDamaged = draw.oneIn(12);
  if (isCarrierDamaged) {
    damages.push('the carrier');
    const at = draw.below(payload.length);
    if (payload.length > 0) payload.writeUInt8(payload.readUInt8(at) ^ (1 << draw.below(8)), at);
  }
  return {
    payload,
    document: isCarrierDamaged ? null : document,
    hasNeighbours: !isCarrierDamaged && carrier >= LONELY_CARRIERS,
    specimen,
    damages,
  };
}

function textOf({ request }: Specimen, draw: Draw, damages: Array<string>): string {
  const tree = treeOf(request);
  const ofText = draw.oneIn(5);
  const count = ofText || draw.oneIn(16) ? 0 : 1 + draw.below(3);
  for (let turn = 0; turn < count; turn++) damages.push(damaged(tree, DAMAGES, draw));
  const whole = draw.oneIn(6) ? again(tree, draw, damages) : tree;
  const text = damages.length === 0 || draw.oneIn(8) ? draw.of(SPELLINGS)(whole, draw) : printTree(whole);
  if (!ofText) return text;
  const name = draw.of(Object.keys(TEXT_DAMAGES));
  damages.push(name);
  return TEXT_DAMAGES[name]?.(text, draw) ?? text;
}

function damaged(tree: Tree, all: typeof DAMAGES, draw: Draw): string {
  const name = draw.of(Object.keys(all));
  all[name]?.(tree, draw);
  return name;
}

/** As we put it on its queue again; seldom with damages to what we put around it. */
function again(request: Tree, draw: Draw, damages: Array<string>): Tree {
  const around: Tree = {
    kind: 'object',
    members: [
      { name: '"kind"', value: token(JSON.stringify(REQUEST_AGAIN_KIND)) },
      { name: '"version"', value: token('1') },
      { name: '"attempts"', value: token(String(1 + draw.below(20))) },
      { name: '"story"', value: { kind: 'list', items: [token('"throttled"')] } },
      { name: '"request"', value: request },
    ],
  };
  if (draw.oneIn(4)) damages.push(damaged(around, DAMAGES, draw));
  return around;
}
