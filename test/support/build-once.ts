import { buildFunctions } from '../../infra/deploy/build.ts';

/** Builds the functions once before the first test, since tests of the function host run what is deployed. */
export async function setup(): Promise<void> {
  await buildFunctions();
}
