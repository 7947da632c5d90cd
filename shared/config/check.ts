import type * as z from 'zod';
import { resolveBinding } from './binding.ts';
import { crossFaults } from './cross-checks.ts';
import { ConfigError, type ConfigFault, describeValue, formatPath, type PathFault } from './faults.ts';
import { resolveLimits } from './limits.ts';
import type { Config } from './load.ts';
import { resolveMaintenance } from './maintenance.ts';
import { resolvePair } from './pair.ts';
import { resolveRequests } from './requests.ts';
import { resolveScaling } from './scaling.ts';
import { ConfigFileSchema } from './schema.ts';
import { resolveSweep } from './sweep.ts';
import { resolveTiming } from './timing.ts';
import type { YamlFile } from './yaml-file.ts';

/** The configuration in a file that was read. Throws `ConfigError` with every fault at once, in the order of the file. */
export function checkConfig(file: YamlFile, fileName: string): Config {
  if (file.content === undefined) throw new ConfigError(fileName, file.faults);
  const parsed = ConfigFileSchema.safeParse(file.content);
  const schemaFaults = parsed.success ? [] : parsed.error.issues.flatMap((issue) => issueFaults(issue, file));
  const faults = [...file.faults, ...placed([...schemaFaults, ...crossFaults(file.content)], file)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(fileName, faults.sort(byPlace));
  const {
    version,
    region,
    defaults,
    bindings,
    pairs,
    timing,
    limits,
    maintenance,
    sweep,
    scaling,
    requests,
    assume,
  } = parsed.data;
  return {
    version,
    regionId: region,
    bindings: (bindings ?? []).map((entry) => resolveBinding(entry, defaults)),
    pairs: (pairs ?? []).map(resolvePair),
    timing: resolveTiming(timing),
    limits: resolveLimits(limits),
    maintenance: resolveMaintenance(maintenance),
    sweep: resolveSweep(sweep),
    scaling: resolveScaling(scaling),
    requests: resolveRequests(requests),
    assume: {
      healthAtWeightZero: assume?.healthAtWeightZero ?? 'unknown',
      heartbeatCountsFrom: assume?.heartbeatCountsFrom ?? 'unknown',
      hookEvents: assume?.hookEvents ?? 'ignore',
      loadBalancerWithoutSpec: assume?.loadBalancerWithoutSpec ?? 'shared',
    },
  };
}

function issueFaults(issue: z.core.$ZodIssue, file: YamlFile): Array<PathFault> {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'invalid_union') {
    // What is a map is at fault inside; the other forms of the value would only be told beside.
    const inside = issue.errors.find((some) => some.every((each) => each.path.length > 0 || isKeyed(each)));
    if (inside !== undefined && inside.length > 0)
      return inside.flatMap((each) => issueFaults({ ...each, path: [...issue.path, ...each.path] }, file));
  }
  if (issue.code === 'invalid_key') {
    const found = `the key ${describeValue(path.at(-1))}`;
    return [{ path, found, allowed: issue.issues[0]?.message ?? issue.message, isKey: true }];
  }
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

function isKeyed({ code }: z.core.$ZodIssue): boolean {
  return code === 'unrecognized_keys';
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
