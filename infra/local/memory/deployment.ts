import { basename } from 'node:path';
import type { LocalCloudsLike } from '../deployment/clouds-like.ts';
import { deployFunctions } from '../deployment/functions.ts';
import type { FunctionProps } from '../deployment/service-file.ts';
import { createStack } from '../deployment/stack.ts';
import type { StackResource } from '../deployment/stack-resources.ts';

/** What the deployment's files say, read and checked: ready to be created in any number of worlds. */
export interface MemoryDeployment {
  readonly place: { readonly accountId: string; readonly region: string };
  readonly functions: ReadonlyArray<FunctionProps>;
  readonly resources: ReadonlyArray<StackResource>;
  /** Of the role in the template. */
  readonly roleName: string;
}

/** Creates queues, tables, rules and the role; functions with their triggers only where `withFunctions` says so. */
export function deployInMemory(
  clouds: LocalCloudsLike,
  { functions, resources, roleName }: MemoryDeployment,
  withFunctions: boolean,
): void {
  createStack(clouds, resources);
  if (!withFunctions) return;
  const queueNames = resources.flatMap(({ Type, Properties }) =>
    Type === 'ALIYUN::MNS::Queue' ? [Properties.QueueName] : [],
  );
  deployFunctions(clouds, functions, {
    builtFolder: '.',
    environment: {},
    roleNames: new Set([roleName]),
    queueNames: new Set(queueNames),
  });
}

/** The folder that a function is built into, `tick`: by it the code of a function is found. */
export function codeNameOf(codeFolder: string): string {
  return basename(codeFolder);
}
