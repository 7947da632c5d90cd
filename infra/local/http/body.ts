import type { IncomingMessage } from 'node:http';
import { type CloudError, ConnectionLost } from '../world/errors.ts';

/** What a body that is refused is still read of: its sender gets to read the answer, where a broken pipe hid it. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The whole body of a request. Throws what `tooLong` makes for a body above `bytesMax`, once its end is read; and
 * ConnectionLost when the client leaves before the end, or does not come to one.
 */
export async function readBody(
  incoming: IncomingMessage,
  bytesMax: number,
  tooLong: () => CloudError,
): Promise<Buffer> {
  const pieces: Array<Buffer> = [];
  let bytes = 0;
  try {
    for await (const piece of incoming as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes <= bytesMax) pieces.push(piece);
      else pieces.length = 0;
      if (bytes > bytesMax + DISCARDED_BYTES_MAX) break;
    }
  } catch {
    throw new ConnectionLost(false);
  }
  if (bytes > bytesMax + DISCARDED_BYTES_MAX) throw new ConnectionLost(false);
  if (bytes > bytesMax) throw tooLong();
  return Buffer.concat(pieces);
}
