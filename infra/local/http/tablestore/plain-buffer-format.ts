/**
 * The numbers of PlainBuffer, the encoding of rows inside requests and answers. All integers are little-endian.
 * @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/plainbuffer
 */
export const HEADER = 0x75;

/** What comes next in a row or cell. */
export const TAG = {
  ROW_PK: 0x01,
  ROW_DATA: 0x02,
  CELL: 0x03,
  CELL_NAME: 0x04,
  CELL_VALUE: 0x05,
  CELL_TYPE: 0x06,
  CELL_TIMESTAMP: 0x07,
  DELETE_ROW_MARKER: 0x08,
  ROW_CHECKSUM: 0x09,
  CELL_CHECKSUM: 0x0a,
} as const;

/** The type of a value. */
export const VARIANT = {
  INTEGER: 0x00,
  DOUBLE: 0x01,
  BOOLEAN: 0x02,
  STRING: 0x03,
  NULL: 0x06,
  BLOB: 0x07,
  INF_MIN: 0x09,
  INF_MAX: 0x0a,
  AUTO_INCREMENT: 0x0b,
} as const;

/** What UpdateRow does with a cell; a cell without one is put. */
export const CELL_OPERATION = {
  DELETE_ALL_VERSION: 1,
  DELETE_ONE_VERSION: 3,
  INCREMENT: 4,
} as const;
