import { z } from 'zod';

/**
 * A file that deploys the product says something that the local deployment does not know, or that cannot work. Nothing
 * is guessed or skipped: what runs locally is what these files say, or it does not run.
 */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

/** The value in the schema's type. Throws {@link DeploymentError} with every fault, each with its place in `source`. */
export function parseStrictly<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeploymentError(`${source} cannot be deployed locally:\n${z.prettifyError(parsed.error)}`);
}

/** Whether the value is a map, as YAML and JSON know it. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
