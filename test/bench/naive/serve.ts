import type { Stage } from '../../support/stage.ts';
import { type ServingFunction, serveFunction } from '../function-process.ts';
import type { Bench } from '../measure.ts';

/** The variables that tell the naive function its one group. */
export function naiveVariables(stage: Stage): Readonly<Record<string, string>> {
  const binding = stage.bindings[0];
  if (binding === undefined) throw new Error('the stage has no binding');
  return { NAIVE_GROUP: binding.vServerGroupId, NAIVE_PORT: String(binding.ports[0]?.port) };
}

/** The naive function on this stage's clouds, in a process of its own. */
export async function serveNaive(bench: Bench, stage: Stage): Promise<ServingFunction> {
  const folder = await bench.builds.naive();
  return await serveFunction({ folder, settings: stage.settings, variables: naiveVariables(stage) });
}
