import { expect } from 'vitest';
import { parseBatch } from '../../../shared/events/interpret.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';

/** What the only event of a payload is read as. */
export function read(content: unknown): InboundEvent {
  const events = parseBatch(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
  expect(events).toHaveLength(1);
  return events[0] ?? { kind: 'tick' };
}

/** The content as it is, and in every carrier that may lie around it. */
export function inEveryCarrier(
  content: unknown,
): ReadonlyArray<readonly [carrier: string, payload: unknown]> {
  const text = JSON.stringify(content);
  const base64 = Buffer.from(text).toString('base64');
  return [
    ['as it is', content],
    ['in a queue batch', [{ data: { messageId: 'A1', messageBody: text } }]],
    ['in a queue batch, Base64', [{ data: { messageId: 'A2', messageBody: base64 } }]],
    ['in a queue batch of raw data', [{ requestId: 'R', messageId: 'A3', messageBody: text }]],
    ['in a topic envelope', { TopicName: 't', MessageId: 'T1', Message: text }],
    ['in a topic envelope, Base64', { TopicName: 't', MessageId: 'T2', Message: base64 }],
    ['in a topic stream', { body: text, attrs: {} }],
    ['as bare Base64', base64],
  ];
}
