/** Where in the configuration: keys and list positions from the top. */
export type ConfigPath = ReadonlyArray<string | number>;

/** One thing that is wrong with the configuration, in the words of the person who wrote it. */
export interface ConfigFault {
  /** Such as `bindings[2].ports[0].weight`; empty for the file as a whole. */
  readonly path: string;
  /** What stands there, shortened; values of unknown keys and of variables that may hold secrets are left out. */
  readonly found: string;
  readonly allowed: string;
  /** From 1; `null` where there is no file, or no place in it. */
  readonly line: number | null;
  readonly column: number | null;
}

/** The configuration is not usable: the functions refuse to start, the command line ends with status 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** File name, or `environment`. */
  readonly source: string;
  /** Every fault that was found, in the order of the file; at least one. */
  readonly faults: ReadonlyArray<ConfigFault>;

  constructor(source: string, faults: ReadonlyArray<ConfigFault>) {
    super(faults.map((fault) => formatFault(source, fault)).join('\n'));
    this.source = source;
    this.faults = faults;
  }
}

/**
 * The faults for people, one line each:
 * `autopilot.yaml:12:9: bindings[0].ports[0].weight: found 101, allowed is a whole number from 0 to 100`.
 */
export function formatFaults(error: ConfigError): string {
  return error.message;
}

function formatFault(source: string, { path, found, allowed, line, column }: ConfigFault): string {
  const place = line === null ? source : `${source}:${line}:${column ?? 1}`;
  return `${place}: ${path === '' ? '' : `${path}: `}found ${found}, allowed is ${allowed}`;
}

/** The path as people write it; keys that are no plain words in quotes. */
export function formatPath(path: ConfigPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${shorten(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** A value in a few words: short ones as they are, texts in quotes, lists and maps only named. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return shorten(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  return String(value);
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}

/** A fault before its place in the file is looked up. */
export interface PathFault {
  readonly path: ConfigPath;
  readonly found: string;
  readonly allowed: string;
  /** The key itself is at fault, not what stands behind it. */
  readonly isKey?: true;
}
