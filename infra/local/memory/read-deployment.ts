import { readYaml } from '../../../shared/config/yaml-file.ts';
import { type DeploymentTexts, readDeploymentTexts } from '../deployment/deployment.ts';
import { DeploymentError } from '../deployment/refusal.ts';
import { readFunctions } from '../deployment/service-file.ts';
import { readStack } from '../deployment/template.ts';
import type { MemoryDeployment } from './deployment.ts';

/** Account and region of every world without HTTP, so that the deployment's files need to be read once only. */
export const MEMORY_PLACE = { accountId: '1234567890123456', region: 'cn-hangzhou' } as const;

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

function contentOf(name: string, text: string): unknown {
  const { content, faults } = readYaml(text);
  const [first] = faults;
  if (first === undefined) return content;
  throw new DeploymentError(`${name}:${first.line ?? 1}: found ${first.found}, allowed is ${first.allowed}.`);
}
