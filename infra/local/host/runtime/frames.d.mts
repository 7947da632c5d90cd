/** One message between the function host and an instance. */
export interface Frame {
  /** JSON data; its meaning is the business of the two sides. */
  readonly header: unknown;
  readonly body: Buffer;
}
/** The bytes of one frame, in order. The body is not copied. */
export function encodeFrame(header: object, body?: Uint8Array): [Buffer, Buffer, Uint8Array];
/** Reads one frame by asking for exact numbers of bytes; `null` when they end. */
export function readFrame(readExactly: (count: number) => Buffer | null): Frame | null;
/** Finds the frames in a stream that arrives in pieces of any size; calls `onFrame` with each. */
export function createFrameParser(onFrame: (frame: Frame) => void): (piece: Buffer) => void;
