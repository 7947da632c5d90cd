/** Facts of a log line: ids, counts and reasons as fields, never secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the product says what it does; one JSON line each in production. */
export interface Logger {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
