import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type * as z from 'zod';
import { type Binding, resolveBinding } from './binding.ts';
import { crossFaults, type PathFault } from './cross-checks.ts';
import { ConfigError, type ConfigFault, describeValue, formatPath } from './faults.ts';
import { ConfigFileSchema } from './schema.ts';
import { resolveTiming, type Timing } from './timing.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/** Largest configuration that is read, in bytes. */
export const CONFIG_BYTES_MAX = 1024 * 1024;

/** A configuration that holds together: every default filled in, every duration in ms. */
export interface Config {
  readonly version: 1;
  /** The region of all load balancers and instances that the configuration names. */
  readonly regionId: string;
  /** At least one, in the order of the file. */
  readonly bindings: ReadonlyArray<Binding>;
  readonly timing: Timing;
}

/** Reads the file and parses it. Throws `ConfigError`, also for a file that is missing or too large. */
export function loadConfig(path: string): Config {
  const fileName = basename(path);
  let text: string;
  try {
    // Looked at before it is read, so that a wrong path cannot fill the memory.
    if (statSync(path).size > CONFIG_BYTES_MAX) throw tooLarge(fileName);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    throw new ConfigError(fileName, [
      wholeFile(`no readable file (${reason})`, 'a file with the configuration'),
    ]);
  }
  return parseConfig(text, fileName);
}

/**
 * The configuration in the text of an `autopilot.yaml`. Throws `ConfigError` with every fault at once, each with its
 * path, line and column; YAML that cannot be read has only its own faults, since nothing else can be told then.
 */
export function parseConfig(text: string, fileName: string): Config {
  if (Buffer.byteLength(text) > CONFIG_BYTES_MAX) throw tooLarge(fileName);
  const file = readYaml(text);
  if (file.content === undefined) throw new ConfigError(fileName, file.faults);
  const parsed = ConfigFileSchema.safeParse(file.content);
  const schemaFaults = parsed.success ? [] : parsed.error.issues.flatMap((issue) => issueFaults(issue, file));
  const faults = [...file.faults, ...placed([...schemaFaults, ...crossFaults(file.content)], file)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(fileName, faults.sort(byPlace));
  const { version, region, defaults, bindings, timing } = parsed.data;
  return {
    version,
    regionId: region,
    bindings: bindings.map((entry) => resolveBinding(entry, defaults)),
    timing: resolveTiming(timing),
  };
}

function issueFaults(issue: z.core.$ZodIssue, file: YamlFile): Array<PathFault> {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, found: describeValue(file.valueAt(path)), allowed: issue.message }];
  }
  return issue.keys.map((key) => ({
    path: [...path, key],
    found: 'an unknown key',
    allowed: issue.message,
    isKey: true,
  }));
}

/** The faults with their places, the first of each path: a second one only says the same in other words. */
function placed(faults: ReadonlyArray<PathFault>, file: YamlFile): Array<ConfigFault> {
  const firstOf = new Map<string, ConfigFault>();
  for (const { path, found, allowed, isKey } of faults) {
    const formatted = formatPath(path);
    if (firstOf.has(formatted)) continue;
    firstOf.set(formatted, { path: formatted, found, allowed, ...file.placeOf(path, isKey ?? false) });
  }
  return [...firstOf.values()];
}

function byPlace(a: ConfigFault, b: ConfigFault): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function tooLarge(fileName: string): ConfigError {
  return new ConfigError(fileName, [
    wholeFile('a larger file', `a file of at most ${CONFIG_BYTES_MAX} bytes`),
  ]);
}

function wholeFile(found: string, allowed: string): ConfigFault {
  return { path: '', found, allowed, line: null, column: null };
}
