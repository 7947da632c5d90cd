import { readFile } from 'node:fs/promises';
import { readYaml } from '../../../shared/config/yaml-file.ts';
import { DEPLOYMENT_FILES } from '../../deploy/files.ts';
import type { LocalCloudsLike } from './clouds-like.ts';
import { deployFunctions } from './functions.ts';
import { DeploymentError } from './refusal.ts';
import type { Variables } from './service-expressions.ts';
import { readFunctions } from './service-file.ts';
import { createStack } from './stack.ts';
import type { StackResource } from './stack-resources.ts';
import { readStack } from './template.ts';

/** The texts of the files that deploy the product. */
export interface DeploymentTexts {
  /** s.yaml */
  readonly service: string;
  /** infra/deploy/template.yaml */
  readonly template: string;
  /** infra/deploy/ram/function-policy.json */
  readonly functionPolicy: string;
}

/** Settings of {@link deployLocally}. */
export interface LocalDeploymentOptions {
  /** Where `npm run build` put the functions, one folder each. */
  readonly builtFolder: string;
  /** Variables that the functions get besides those of s.yaml: the endpoints of the local clouds. */
  readonly environment: Variables;
  /** @default the project's own files */
  readonly texts?: DeploymentTexts;
}

/** What was deployed, by name. */
export interface LocalDeployment {
  readonly functionNames: ReadonlyArray<string>;
  readonly queueNames: ReadonlyArray<string>;
  readonly tableNames: ReadonlyArray<string>;
  readonly ruleNames: ReadonlyArray<string>;
  readonly roleNames: ReadonlyArray<string>;
}

/**
 * Deploys the product into the local clouds from the very files that deploy it into the real ones. It may be repeated,
 * also on state that was kept: what is there becomes what the files say. Throws {@link DeploymentError} for anything in
 * them that the local clouds do not have, and their own CloudError for what they refuse.
 */
export async function deployLocally(
  clouds: LocalCloudsLike,
  options: LocalDeploymentOptions,
): Promise<LocalDeployment> {
  const { service, template, functionPolicy } = options.texts ?? (await readDeploymentTexts());
  const { region, identities } = clouds.foundation;
  const { accountId } = identities;
  const functions = readFunctions(contentOf('s.yaml', service), {
    ALIYUN_REGION: region,
    ALIYUN_ACCOUNT_ID: accountId,
  });
  const parameters = { FunctionPolicy: functionPolicy };
  const stack = readStack(contentOf('template.yaml', template), { region, accountId, parameters });
  const deployment: LocalDeployment = {
    functionNames: [...functions.values()].map(({ functionName }) => functionName),
    ...namesIn([...stack.values()]),
  };
  createStack(clouds, stack.values());
  deployFunctions(clouds, functions.values(), {
    builtFolder: options.builtFolder,
    environment: options.environment,
    roleNames: new Set(deployment.roleNames),
    queueNames: new Set(deployment.queueNames),
  });
  return deployment;
}

/** The project's own files. */
export async function readDeploymentTexts(): Promise<DeploymentTexts> {
  const [service, template, functionPolicy] = await Promise.all([
    readFile(DEPLOYMENT_FILES.service, 'utf8'),
    readFile(DEPLOYMENT_FILES.template, 'utf8'),
    readFile(DEPLOYMENT_FILES.functionPolicy, 'utf8'),
  ]);
  return { service, template, functionPolicy };
}

function contentOf(name: string, text: string): unknown {
  const { content, faults } = readYaml(text);
  const first = faults[0];
  if (first === undefined) return content;
  throw new DeploymentError(`${name}:${first.line ?? 1}: found ${first.found}, allowed is ${first.allowed}.`);
}

function namesIn(resources: ReadonlyArray<StackResource>): Omit<LocalDeployment, 'functionNames'> {
  return {
    queueNames: resources.flatMap(({ Type, Properties }) =>
      Type === 'ALIYUN::MNS::Queue' ? [Properties.QueueName] : [],
    ),
    tableNames: resources.flatMap(({ Type, Properties }) =>
      Type === 'ALIYUN::OTS::Table' ? [Properties.TableName] : [],
    ),
    ruleNames: resources.flatMap(({ Type, Properties }) =>
      Type === 'ALIYUN::EventBridge::Rule' ? [Properties.RuleName] : [],
    ),
    roleNames: resources.flatMap(({ Type, Properties }) =>
      Type === 'ALIYUN::RAM::Role' ? [Properties.RoleName] : [],
    ),
  };
}
