import { describe, expect, it } from 'vitest';
import { isUnknownGroupId, unknownGroupId } from '../../../shared/config/group.ts';
import { knownIn } from '../../../shared/declarations/resolve.ts';
import { aBinding, GROUP } from '../../support/builders.ts';
import { aDeclarationRow, aDeclaredBinding } from '../../support/declarations.ts';

/** The binding that declares a group, one that has the same, and one that names its own by id. */
const [declaring, sharing, named] = [
  { ...aDeclaredBinding(), vServerGroupId: unknownGroupId('web') },
  aBinding({ name: 'pods', type: 'eni', vServerGroupId: unknownGroupId('web'), declaredBy: 'web' }),
  aBinding({ name: 'api' }),
];
const idsOf = (groupId: string | null) =>
  knownIn([declaring, sharing, named], { rows: [aDeclarationRow({ groupId })] }).map(
    ({ vServerGroupId }) => vServerGroupId,
  );

describe('the id of a declared group', () => {
  it('is that of every binding that has the group, once it is known', () => {
    expect(idsOf('rsp-made')).toEqual(['rsp-made', 'rsp-made', GROUP]);
  });

  it('is one that stands for it until then', () => {
    const [own, shared, other] = idsOf(null);

    expect(own).toBe(shared);
    expect(isUnknownGroupId(own ?? '')).toBe(true);
    expect(other).toBe(GROUP);
  });
});
