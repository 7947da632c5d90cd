import { describe, expect, it } from 'vitest';
import { findGroup } from '../../../shared/declarations/find.ts';
import type { ListedGroup } from '../../../shared/declarations/model.ts';
import {
  aDeclarationRow,
  aDeclaredBinding,
  aListedGroup,
  HTTP_80,
  someGroups,
} from '../../support/declarations.ts';

const found = (
  groups: ReadonlyArray<ListedGroup>,
  { adopt = false, groupId = null }: { adopt?: boolean; groupId?: string | null } = {},
) =>
  findGroup({
    binding: aDeclaredBinding({ adopt }),
    row: aDeclarationRow({ groupId }),
    seen: someGroups({ groups }),
  });
const foreign = (groupId: string) => aListedGroup(groupId, { tags: [] });
const used = { listeners: [HTTP_80] };

describe('the group of a declaration', () => {
  it('of somebody else is told, with what can be done, and not taken', () => {
    expect(found([foreign('rsp-1')])).toMatchObject({
      kind: 'held',
      held: { by: 'foreign', reason: expect.stringMatching(/\(rsp-1\) and is not ours.*adopt: true/) },
    });
    expect(found([foreign('rsp-1')], { adopt: true })).toMatchObject({
      kind: 'known',
      group: { groupId: 'rsp-1' },
    });
  });

  it.each([
    ['of others', [foreign('rsp-2'), foreign('rsp-1')]],
    ['of ours that are both used', [aListedGroup('rsp-2', used), aListedGroup('rsp-1', used)]],
  ])('is never guessed at among two %s, whose ids are told', (_whose, groups) => {
    expect(found(groups, { adopt: true })).toMatchObject({
      kind: 'held',
      held: { by: 'name', reason: expect.stringContaining('rsp-1, rsp-2') },
    });
  });

  it('is the one with our tag, of several the one that is used; the others are its twins', () => {
    expect(found([foreign('rsp-0'), aListedGroup('rsp-1'), aListedGroup('rsp-2', used)])).toMatchObject({
      kind: 'known',
      group: { groupId: 'rsp-2' },
      twins: [{ groupId: 'rsp-1' }],
    });
  });

  it('is the recorded one, whatever it is called now', () => {
    const renamed = aListedGroup('rsp-9', { name: 'by-hand' });

    expect(found([renamed, foreign('rsp-1')], { groupId: 'rsp-9' })).toMatchObject({
      kind: 'known',
      group: { groupId: 'rsp-9' },
    });
  });

  it('does not exist where nothing has its name', () => {
    expect(found([aListedGroup('rsp-1', { name: 'other' })])).toEqual({ kind: 'none' });
  });
});
