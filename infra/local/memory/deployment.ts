import { basename } from 'node:path';
import { readYaml } from '../../../shared/config/yaml-file.ts';
import type { LocalCloudsLike } from '../deployment/clouds-like.ts';
import { type DeploymentTexts, readDeploymentTexts } from '../deployment/deployment.ts';
import { deployFunctions } from '../deployment/functions.ts';
import { DeploymentError } from '../deployment/refusal.ts';
import { type FunctionProps, readFunctions } from '../deployment/service-file.ts';
import { createStack } from '../deployment/stack.ts';
import type { StackResource } from '../deployment/stack-resources.ts';
import { readStack } from '../deployment/template.ts';

/** Account and region of every world without HTTP, so that the deployment's files need to be read once only. */
export const MEMORY_PLACE = { accountId: '1234567890123456', region: 'cn-hangzhou' } as const;

/** What the deployment's files say, read and checked: ready to be created in any number of worlds. */
export interface MemoryDeployment {
  readonly place: { readonly accountId: string; readonly region: string };
  readonly functions: ReadonlyArray<FunctionProps>;
  readonly resources: ReadonlyArray<StackResource>;
  /** Of the role in the template. */
  readonly roleName: string;
}

/** Reads the very files that deploy the product into the real clouds. Throws DeploymentError for a fault in them. */
export async function readMemoryDeployment(
  place: MemoryDeployment['place'] = MEMORY_PLACE,
  texts?: DeploymentTexts,
): Promise<MemoryDeployment> {
  const { service, template, functionPolicy } = texts ?? (await readDeploymentTexts());
  const { region, accountId } = place;
  const functions = readFunctions(contentOf('s.yaml', service), {
    ALIYUN_REGION: region,
    ALIYUN_ACCOUNT_ID: accountId,
  });
  const parameters = { FunctionPolicy: functionPolicy };
  const stack = readStack(contentOf('template.yaml', template), { region, accountId, parameters });
  const resources = [...stack.values()];
  const roleName = resources.flatMap(({ Type, Properties }) =>
    Type === 'ALIYUN::RAM::Role' ? [Properties.RoleName] : [],
  )[0];
  if (roleName === undefined) throw new DeploymentError('template.yaml has no role.');
  return { place, functions: [...functions.values()], resources, roleName };
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

function contentOf(name: string, text: string): unknown {
  const { content, faults } = readYaml(text);
  const [first] = faults;
  if (first === undefined) return content;
  throw new DeploymentError(`${name}:${first.line ?? 1}: found ${first.found}, allowed is ${first.allowed}.`);
}
