import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { areFunctionsInVpc } from '../../../../infra/operator/doctor/service-file.ts';
import { temporaryFolder } from '../autopilot.ts';

const VPC = '{ vpcId: vpc-1, vSwitchIds: [vsw-1], securityGroupId: sg-1 }';

function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 's.yaml'), text);
  return folder;
}

describe('whether functions are in a VPC', () => {
  it('is not so of the file that is shipped', () => {
    expect(areFunctionsInVpc(fileURLToPath(new URL('../../../../', import.meta.url)))).toBe(false);
  });

  it.each([
    [
      'so by the template that all of them extend',
      `template: { function: { vpcConfig: ${VPC} } }\nresources: { a: { extend: { name: function } }, b: { extend: { name: function }, props: {} } }`,
      true,
    ],
    ['so by their own', `resources: { a: { props: { vpcConfig: ${VPC} } } }`, true],
    [
      'not so when one of them is outside',
      `resources: { a: { props: { vpcConfig: ${VPC} } }, b: { props: {} } }`,
      false,
    ],
    ['not told by a file that is no YAML', 'resources: [', null],
    ['not told by a file of another kind', 'services: {}', null],
  ])('is %s', (_name, text, isInVpc) => {
    expect(areFunctionsInVpc(folderWith(text))).toBe(isInVpc);
  });

  it('is not told where there is no file', () => {
    expect(areFunctionsInVpc(temporaryFolder())).toBeNull();
  });
});
