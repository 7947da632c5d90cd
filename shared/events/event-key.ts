import { createHash } from 'node:crypto';

const LONGEST_KEY = 200;

/**
 * The key of an event from what identifies it: the space that the parts are unique in, then the parts, escaped so
 * that no two lists give one key. At most 200 printable ASCII characters; longer identities become their SHA-256.
 */
export function eventKey(space: string, ...parts: ReadonlyArray<string>): string {
  const key = [space, ...parts.map(encodeURIComponent)].join('/');
  if (key.length <= LONGEST_KEY) return key;
  return `${space}/sha256/${createHash('sha256').update(key).digest('hex')}`;
}

/**
 * The key of an event that brings no identity of its own: its message's, else its content's with its time, so that
 * the same thing happening again is another event. Two copies queued as two messages get two keys, which costs a
 * second look and changes nothing.
 */
export function fallbackKey(messageId: string | null, occurrenceHash: string): string {
  return messageId === null ? eventKey('content', occurrenceHash) : eventKey('message', messageId);
}
