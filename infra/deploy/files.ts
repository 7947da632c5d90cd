import { join } from 'node:path';
import { PROJECT_FOLDER } from './build.ts';

/** The files that deploy the product, in the clouds and locally. */
export const DEPLOYMENT_FILES = {
  /** Functions and triggers, for Serverless Devs. */
  service: join(PROJECT_FOLDER, 's.yaml'),
  /** What they stand on, for ROS. */
  template: join(PROJECT_FOLDER, 'infra', 'deploy', 'template.yaml'),
  /** What the functions' role may do; the template takes it as a parameter. */
  functionPolicy: join(PROJECT_FOLDER, 'infra', 'deploy', 'ram', 'function-policy.json'),
  /** What somebody who only asks for changes may do; no part of the stack. */
  requesterPolicy: join(PROJECT_FOLDER, 'infra', 'deploy', 'ram', 'requester-policy.json'),
  /** What somebody needs who looks at stories and works the quarantine off; no part of the stack. */
  operatorPolicy: join(PROJECT_FOLDER, 'infra', 'deploy', 'ram', 'operator-policy.json'),
} as const;
