const TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1) & 0xff;
  return crc;
});

/** Continues a CRC-8 (polynomial 7, start 0) with one byte. */
export function crc8Byte(crc: number, byte: number): number {
  return TABLE[(crc ^ byte) & 0xff] as number;
}

/** Continues a CRC-8 (polynomial 7, start 0) with the bytes of `[from, to)`. */
export function crc8(crc: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let value = crc;
  for (let at = from; at < to; at++) value = TABLE[value ^ (bytes[at] as number)] as number;
  return value;
}
