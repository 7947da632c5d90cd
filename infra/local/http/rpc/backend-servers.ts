import { z } from 'zod';
import type { MasterSlaveBackendInput } from '../../world/slb/master-slave-model.ts';
import type { BackendServerInput } from '../../world/slb/model.ts';
import { slbRefusals } from '../../world/slb/refusals.ts';

const some = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);
// What is no number stays one that every range check refuses, with the code that belongs to the field.
const numeric = some(
  z.union([z.number(), z.string().transform((value) => (value.trim() === '' ? undefined : Number(value)))]),
);
const string = some(z.string());

const BackendServersSchema = z.array(
  z.preprocess(
    withLowerCaseKeys,
    z
      .object({
        serverid: string,
        port: numeric,
        weight: numeric,
        type: string,
        serverip: string,
        description: string,
        servertype: string,
      })
      .transform(
        ({ serverid, serverip, servertype, ...rest }): MasterSlaveBackendInput => ({
          ...rest,
          serverId: serverid,
          serverIp: serverip,
          serverType: servertype,
        }),
      ),
  ),
);

/**
 * Reads `BackendServers`, one parameter that holds a JSON array. As lenient as the real parser: keys in any case,
 * numbers as text, single quotes. Throws `BackendServersMalformed` (400) for anything else.
 */
export function parseBackendServers(json: string): ReadonlyArray<BackendServerInput> {
  return parseMasterSlaveBackendServers(json).map(({ serverType: _, ...backend }) => backend);
}

/** The same of `MasterSlaveBackendServers`, whose elements have a `ServerType` too. */
export function parseMasterSlaveBackendServers(json: string): ReadonlyArray<MasterSlaveBackendInput> {
  const result = BackendServersSchema.safeParse(parseJson(json));
  if (!result.success) throw slbRefusals.malformedBackends();
  return result.data;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    try {
      // No value of an element may hold a quote, so nothing but quoting is changed.
      return JSON.parse(json.replaceAll("'", '"'));
    } catch {
      return undefined;
    }
  }
}

function withLowerCaseKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key.toLowerCase(), entry]));
}
