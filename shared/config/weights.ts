import * as z from 'zod';
import { integer, SERVER_ID, section, text } from './schema-parts.ts';

/** Weights of some instances that differ from the others', 0 to 100 each. Of several that match, the first kind here counts. */
export interface WeightsBy {
  /** By the id of the instance, `i-…`, `eni-…` or `eci-…`. */
  readonly byInstance?: Readonly<Record<string, number>> | undefined;
  /** By its type, `ecs.g7.large`. */
  readonly byInstanceType?: Readonly<Record<string, number>> | undefined;
  /** By its zone, `cn-hangzhou-h`. */
  readonly byZone?: Readonly<Record<string, number>> | undefined;
}

/** A port with the weight that its instances get there. */
export interface WeightedPort {
  /** 0 to 100; of whom nothing in {@link weightsBy} matches. */
  readonly weight: number;
  /** Left out = all instances have the same. */
  readonly weightsBy?: WeightsBy;
}

/** What decides about an instance's weight; `null` = the instance is not described. */
export type WeighedInstance = {
  readonly instanceType: string | null;
  readonly zoneId: string | null;
} | null;

/** A weight of an instance, with what it has it by: `by instance type ecs.g7.large`; `null` = as all the others. */
export interface FoundWeight {
  readonly weight: number;
  readonly by: string | null;
}

/** The names of the maps, the one that counts first before the others. */
export const WEIGHTS_BY = ['byInstance', 'byInstanceType', 'byZone'] as const;
/** How the keys of each map look. */
export const WEIGHT_KEYS = {
  byInstance: SERVER_ID,
  byInstanceType: /^ecs\.[a-z0-9][a-z0-9.-]{0,60}$/,
  byZone: /^[a-z]{2,3}-[a-z0-9-]{1,50}$/,
} as const;
/** Entries that one map of the configuration may have. */
const ENTRIES_MAX = 200;

const WORDS = { byInstance: 'instance', byInstanceType: 'instance type', byZone: 'zone' } as const;
const KEYS = {
  byInstance: 'the id of an instance',
  byInstanceType: 'an instance type',
  byZone: 'a zone',
} as const;
const EXAMPLES = { byInstance: 'i-…', byInstanceType: 'ecs.g7.large', byZone: 'cn-hangzhou-h' } as const;

/**
 * The weight that the maps give to an instance. `null` = none of them matches; `unknown` = one might, but its type or its zone is
 * not known, so that nothing may be concluded.
 */
export function weightBy(
  weightsBy: WeightsBy,
  instanceId: string,
  instance: WeighedInstance,
): FoundWeight | 'unknown' | null {
  const known = {
    byInstance: instanceId,
    byInstanceType: instance?.instanceType ?? null,
    byZone: instance?.zoneId ?? null,
  };
  for (const name of WEIGHTS_BY) {
    const weights = weightsBy[name];
    if (weights === undefined || Object.keys(weights).length === 0) continue;
    const key = known[name];
    if (key === null) return 'unknown';
    const weight = Object.hasOwn(weights, key) ? weights[key] : undefined;
    if (weight !== undefined) return { weight, by: `by ${WORDS[name]} ${key}` };
  }
  return null;
}

/** An instance's full weight on a port; `null` = it cannot be told before the instance is described. */
export function weightOn(
  { weight, weightsBy }: WeightedPort,
  instanceId: string,
  instance: WeighedInstance,
): FoundWeight | null {
  const found = weightsBy === undefined ? null : weightBy(weightsBy, instanceId, instance);
  if (found === 'unknown') return null;
  return found ?? { weight, by: null };
}

/** The weights of a port's instances for people, one in a line: `100`, then `ecs.g7.large: 50` and so on, the first few. */
export function describeWeights({ weight, weightsBy }: WeightedPort): ReadonlyArray<string> {
  const others = WEIGHTS_BY.flatMap((name) =>
    Object.entries(weightsBy?.[name] ?? {}).map(([key, of]) => `${key}: ${of}`),
  );
  const rest = others.length - WEIGHTS_SHOWN;
  return [`${weight}`, ...others.slice(0, WEIGHTS_SHOWN), ...(rest > 0 ? [`${rest} more`] : [])];
}

const WEIGHTS_SHOWN = 4;

const WEIGHT_MAP = section({
  default: integer(0, 100).optional(),
  byInstance: weightsSchema('byInstance').optional(),
  byInstanceType: weightsSchema('byInstanceType').optional(),
  byZone: weightsSchema('byZone').optional(),
});

/** What the file says of a port's weight: one for all, or a map. */
export const WeightSchema = z.union([integer(0, 100), WEIGHT_MAP], {
  error: 'a whole number from 0 to 100, or a map with some of default, byInstance, byInstanceType and byZone',
});

/** The weights that the file's value describes; what it leaves out is 100. */
export function resolveWeight(entry: z.infer<typeof WeightSchema> | undefined): WeightedPort {
  if (entry === undefined || typeof entry === 'number') return { weight: entry ?? 100 };
  const { default: weight = 100, ...weightsBy } = entry;
  return Object.keys(weightsBy).length === 0 ? { weight } : { weight, weightsBy };
}

function weightsSchema(name: (typeof WEIGHTS_BY)[number]) {
  const allowed = `a map of 1 to ${ENTRIES_MAX} weights from 0 to 100 by ${WORDS[name]}, such as { ${EXAMPLES[name]}: 50 }`;
  return z
    .record(text(WEIGHT_KEYS[name], `${KEYS[name]} such as ${EXAMPLES[name]}`), integer(0, 100), {
      error: allowed,
    })
    .refine(
      (weights) => {
        const { length } = Object.keys(weights);
        return length >= 1 && length <= ENTRIES_MAX;
      },
      { error: allowed },
    );
}
