import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const Part = z.looseObject({ vpcConfig: z.unknown().optional() });

const ServiceSchema = z.object({
  template: z.record(z.string(), Part).default({}),
  resources: z.record(
    z.string(),
    z.object({ extend: z.object({ name: z.string() }).optional(), props: Part.default({}) }),
  ),
});

/**
 * Whether the `s.yaml` of the folder puts every function into a VPC; `null` = there is none, or not one that can be read.
 * It says what the next deployment would do, not what runs.
 *
 * @see https://github.com/devsapp/fc3/blob/master/docs/en/yaml.md
 */
export function areFunctionsInVpc(folder: string): boolean | null {
  let content: unknown;
  try {
    content = parse(readFileSync(join(folder, 's.yaml'), 'utf8'));
  } catch {
    return null;
  }
  const parsed = ServiceSchema.safeParse(content);
  if (!parsed.success) return null;
  const { template, resources } = parsed.data;
  return Object.values(resources).every(({ extend, props }) => {
    const vpc = props.vpcConfig ?? template[extend?.name ?? '']?.vpcConfig;
    return vpc !== undefined && vpc !== null;
  });
}
