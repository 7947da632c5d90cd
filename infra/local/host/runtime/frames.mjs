/**
 * Frames between the function host and its instances: `u32 length of the header, u32 length of the body` (big
 * endian), the header as JSON, the body as it is. Both sides use this file; the host is TypeScript and reads the
 * types beside it.
 */

const PREFIX_BYTES = 8;
// Twice the largest payload: whoever announces more does not speak this protocol.
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** The bytes of one frame. The body is not copied. */
export function encodeFrame(header, body = Buffer.alloc(0)) {
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(text.length, 0);
  prefix.writeUInt32BE(body.length, 4);
  return [prefix, text, body];
}

/** Reads one frame by asking for exact numbers of bytes; `null` when they end. */
export function readFrame(readExactly) {
  const prefix = readExactly(PREFIX_BYTES);
  if (prefix === null) return null;
  const header = readExactly(prefix.readUInt32BE(0));
  const body = readExactly(prefix.readUInt32BE(4));
  if (header === null || body === null) return null;
  return { header: JSON.parse(header.toString()), body };
}

function readerOf(buffer) {
  let offset = 0;
  return (count) => {
    offset += count;
    return buffer.subarray(offset - count, offset);
  };
}

/** Finds the frames in a stream that arrives in pieces of any size; calls `onFrame` with each. Throws for nonsense. */
export function createFrameParser(onFrame) {
  let pieces = [];
  let length = 0;
  let needed = PREFIX_BYTES;
  const frameLength = (buffer) => {
    if (buffer.length < PREFIX_BYTES) return PREFIX_BYTES;
    const bytes = PREFIX_BYTES + buffer.readUInt32BE(0) + buffer.readUInt32BE(4);
    if (bytes > FRAME_BYTES_MAX) throw new Error(`a frame of ${bytes} bytes`);
    return bytes;
  };
  return (piece) => {
    pieces.push(piece);
    length += piece.length;
    // Pieces are joined only when a whole frame may be there, so that a large body is not copied again and again.
    while (length >= needed) {
      let buffer = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
      needed = frameLength(buffer);
      while (buffer.length >= needed && buffer.length >= PREFIX_BYTES) {
        const frame = readFrame(readerOf(buffer));
        buffer = buffer.subarray(needed);
        needed = frameLength(buffer);
        onFrame(frame);
      }
      pieces = [buffer];
      length = buffer.length;
    }
  };
}
