import type { IncomingMessage } from 'node:http';
import { CloudError, ConnectionLost } from '../../world/errors.ts';

/** Bytes of a request's body at most. */
export const BODY_MAX_BYTES = 5 * 1024 * 1024;

/**
 * The whole body. Throws 413 OTSRequestBodyTooLarge as soon as it is known to be above {@link BODY_MAX_BYTES}, and
 * ConnectionLost when the client leaves before its end.
 */
export function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => {
      incoming.removeAllListeners('data');
      // What still comes is thrown away, so that the client gets to read the answer.
      incoming.resume();
      reject(new CloudError(413, 'OTSRequestBodyTooLarge', 'The size of POST data is too large.'));
    };
    if (Number(incoming.headers['content-length'] ?? 0) > BODY_MAX_BYTES) {
      tooLarge();
      return;
    }
    const chunks: Array<Buffer> = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > BODY_MAX_BYTES) tooLarge();
    });
    incoming.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    incoming.once('error', () => reject(new ConnectionLost(false)));
    incoming.once('close', () => {
      // Comes after every request, the whole ones too.
      if (!incoming.complete) reject(new ConnectionLost(false));
    });
  });
}
