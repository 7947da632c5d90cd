import { describe, expect, it } from 'vitest';
import type { PairGroupDeclaration } from '../../../../shared/config/pair-group.ts';
import type { Tag } from '../../../../shared/config/tags.ts';
import { planPair } from '../../../../shared/pairs/plan.ts';
import type { Tagging } from '../../../../shared/pairs/record.ts';
import { NOW_MS } from '../../../support/builders.ts';
import {
  aGroup,
  aMember,
  aPair,
  aPairInput,
  aPairRow,
  OLD_GROUP,
  PRIMARY,
  SECONDARY,
} from '../../../support/pairs.ts';

const OWN: Tag = { key: 'slb-autopilot:pair', value: 'orders-db' };
const TEAM: Tag = { key: 'team', value: 'db' };
const THEIRS: Tag = { key: 'cost', value: '42' };

interface Situation {
  readonly declared?: Partial<PairGroupDeclaration>;
  readonly present?: ReadonlyArray<Tag>;
  readonly tagging?: Partial<Tagging>;
  readonly isAsked?: boolean;
}

/** A pair that is well, with its group; its tags are as the test says. */
function plan({ declared = {}, present = [], tagging = {}, isAsked = false }: Situation) {
  const group = {
    primary: aMember(PRIMARY),
    secondary: aMember(SECONDARY),
    tags: [TEAM],
    isManaged: true,
    adopt: false,
    ...declared,
  } as const;
  const order = {
    kind: 'apply',
    orderId: 'order-1',
    by: 'mei',
    reason: 'autopilot apply',
    orderedAtMs: NOW_MS,
  } as const;
  return planPair(
    aPairInput({
      pair: aPair({ group }),
      row: aPairRow({ tagging: { keys: [], isDue: false, notBeforeMs: null, ...tagging } }),
      groups: [aGroup({ tags: present })],
      orders: isAsked ? [order] : [],
    }),
  );
}

describe('the tags of a group that is declared', () => {
  it('are set where one is missing or differs, and those of others stay', () => {
    expect(plan({ present: [{ key: 'team', value: 'web' }, THEIRS] }).step).toEqual({
      kind: 'tag',
      groupId: OLD_GROUP,
      tags: [TEAM, OWN],
    });
  });

  it('are noted as ours before they are set', () => {
    expect(plan({}).row.tagging).toEqual({ keys: ['team'], isDue: false, notBeforeMs: null });
  });

  it('are taken off once they are declared no more, if we had set them', () => {
    const present = [OWN, TEAM, THEIRS, { key: 'env', value: 'test' }];
    const { step } = plan({ present, tagging: { keys: ['env', 'gone', 'team'] } });
    expect(step).toEqual({ kind: 'untag', groupId: OLD_GROUP, keys: ['env'] });
    expect(plan({ present }).step).toBeNull();
  });

  it('are no more to be done when all are there', () => {
    const { step, row } = plan({
      present: [OWN, TEAM],
      tagging: { keys: ['env', 'team'], isDue: true, notBeforeMs: NOW_MS - 1 },
    });
    expect(step).toBeNull();
    expect(row.tagging).toEqual({ keys: ['team'], isDue: false, notBeforeMs: null });
  });

  it('are left alone where only apply may set them, until somebody asks', () => {
    const declared = { isManaged: false } as const;
    expect(plan({ declared }).step).toBeNull();
    const asked = plan({ declared, isAsked: true });
    expect(asked).toMatchObject({ step: { kind: 'tag' }, goesOn: true });
    expect(asked.row.answers).toMatchObject([{ orderId: 'order-1', outcome: 'noted' }]);
    expect(plan({ declared, tagging: { isDue: true } }).step).toMatchObject({ kind: 'tag' });
  });

  it('wait for their time after a refusal', () => {
    const { step, nextLookMs } = plan({ tagging: { notBeforeMs: NOW_MS + 60_000 } });
    expect({ step, nextLookMs }).toEqual({ step: null, nextLookMs: NOW_MS + 60_000 });
  });

  it('are held when there is no room for them', () => {
    const present = Array.from({ length: 19 }, (_, index) => ({ key: `k${index}`, value: '' }));
    const { step, row } = plan({ present });
    expect(step).toBeNull();
    expect(row.held).toBe("rsp-bp1old would have 21 tags, and 20 are allowed: take off some of the others'");
  });

  it('are refused to somebody who asks for them where nothing is declared', () => {
    const order = {
      kind: 'apply',
      orderId: 'order-1',
      by: 'mei',
      reason: 'autopilot apply',
      orderedAtMs: NOW_MS,
    } as const;
    expect(planPair(aPairInput({ orders: [order] })).row.answers).toMatchObject([
      { outcome: 'refused', reason: 'it declares no group' },
    ]);
  });
});
