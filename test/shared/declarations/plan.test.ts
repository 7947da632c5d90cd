import { describe, expect, it } from 'vitest';
import { afterAnswer, afterFailure } from '../../../shared/declarations/answers.ts';
import type { DeclarationInput } from '../../../shared/declarations/model.ts';
import { planDeclaration } from '../../../shared/declarations/plan.ts';
import type { DeclarationRow } from '../../../shared/declarations/record.ts';
import { TransientError } from '../../../shared/errors.ts';
import { NOW_MS } from '../../support/builders.ts';
import {
  aDeclarationInput,
  aDeclarationRow,
  aDeclaredBinding,
  aListedGroup,
  anOrder,
  HTTP_80,
  someGroups,
} from '../../support/declarations.ts';

const OURS_ID = 'rsp-ours';
const OLD_ID = 'rsp-old';
const KNOWN = aDeclarationRow({ groupId: OURS_ID });
const old = aListedGroup(OLD_ID, { name: 'by-hand', tags: [], serverCount: 3 });
/** http:80 is to use our group, and uses somebody else's. */
const moving = (overrides: Partial<DeclarationInput> = {}) =>
  aDeclarationInput({
    binding: aDeclaredBinding({ listeners: [HTTP_80] }),
    row: KNOWN,
    seen: someGroups({
      groups: [aListedGroup(OURS_ID, { serverCount: 2 }), old],
      listeners: [{ ...HTTP_80, target: { kind: 'vserver-group', groupId: OLD_ID } }],
    }),
    serving: 2,
    settings: new Map([['http:80', { Scheduler: 'wrr' }]]),
    ...overrides,
  });

describe('a locked load balancer', () => {
  const locked = someGroups({ isLocked: true, groups: [aListedGroup(OURS_ID)] });

  it.each(['apply', 'delete'] as const)('holds an order to %s, and its group stays known', (kind) => {
    const input = aDeclarationInput({ row: KNOWN, orders: [anOrder(kind)], seen: locked });

    const { row, step, answered } = planDeclaration(input);

    expect([step, answered]).toEqual([null, ['order-1']]);
    expect(row).toMatchObject({ groupId: OURS_ID, deletedAtMs: null, held: { by: 'load-balancer' } });
  });
});

describe('an order to delete', () => {
  const orders = [anOrder('delete')];

  it('does nothing where nobody can tell which group is meant', () => {
    const twofold = someGroups({
      groups: ['rsp-1', 'rsp-2'].map((id) => aListedGroup(id, { tags: [] })),
    });

    const { row, step } = planDeclaration(aDeclarationInput({ orders, seen: twofold }));

    expect(step).toBeNull();
    expect(row).toMatchObject({ deletedAtMs: null, held: { by: 'name' } });
  });

  it('does nothing to a group that is used, and tells by whom', () => {
    const seen = someGroups({ groups: [aListedGroup(OURS_ID, { listeners: [HTTP_80] })] });

    const { row, step } = planDeclaration(aDeclarationInput({ orders, row: KNOWN, seen }));

    expect(step).toBeNull();
    expect(row.held).toEqual({ by: 'in-use', reason: 'rsp-ours is not deleted: http:80 still uses it' });
  });

  it('deletes one that nobody uses', () => {
    const seen = someGroups({ groups: [aListedGroup(OURS_ID, { serverCount: 2 })] });

    expect(planDeclaration(aDeclarationInput({ orders, row: KNOWN, seen })).step).toEqual({
      kind: 'delete',
      groupId: OURS_ID,
    });
  });
});

describe('a create', () => {
  const sentAtMs = NOW_MS - 5_000;
  const inFlight = { api: 'CreateVServerGroup', target: 'shop/web', sentAtMs };

  it('whose reply is not known is not sent again before it must have landed and shown', () => {
    const row = aDeclarationRow({ inFlight });

    const { step, wake } = planDeclaration(aDeclarationInput({ row }));

    expect([step, wake?.atMs]).toEqual([null, sentAtMs + 13_000]);
  });

  it('that was answered a moment ago is not sent again because the list is behind', () => {
    const row = aDeclarationRow({ groupId: OURS_ID, createdAtMs: NOW_MS - 1_000 });

    const { step, wake } = planDeclaration(aDeclarationInput({ row }));

    expect([step, wake?.atMs]).toEqual([null, NOW_MS + 2_000]);
  });

  it('carries the tag by which its group is found again', () => {
    expect(planDeclaration(aDeclarationInput()).step).toMatchObject({
      kind: 'create',
      tags: [{ key: 'slb-autopilot:binding', value: 'web' }],
    });
  });
});

describe('a listener that serves', () => {
  it('is not pointed at a group in which too few serve', () => {
    const { step, wake } = planDeclaration(moving({ serving: 0 }));

    expect([step, wake?.reason]).toEqual([
      null,
      '1 more of its servers to serve before http:80 is pointed at it',
    ]);
  });

  it('is read first, and then pointed with what it must not lose', () => {
    expect(planDeclaration(moving({ settings: new Map() })).needsListener).toEqual(HTTP_80);
    const settings = new Map([['http:80', { HealthCheckDomain: 'a.example' }]]);
    expect(planDeclaration(moving({ settings })).step).toMatchObject({
      kind: 'point',
      groupId: OURS_ID,
      settings: { HealthCheckDomain: 'a.example' },
    });
  });

  /** Points it, and has SLB say so, or that it is busy; the row after that. */
  const pointedOnce = (row: DeclarationRow, isBusy: boolean): DeclarationRow => {
    const plan = planDeclaration(moving({ row }));
    if (plan.step === null) throw new Error('nothing was sent');
    if (!isBusy) return { ...afterAnswer(plan.row, plan.step, null, NOW_MS, 600_000), moving: null };
    const busy = new TransientError('busy', 'busy');
    return { ...afterFailure(plan.row, plan.step, busy, () => 0, NOW_MS), notBeforeMs: null };
  };

  it('that was pointed elsewhere three times after us is held as contested', () => {
    const row = [1, 2, 3].reduce((before) => pointedOnce(before, false), KNOWN);

    const plan = planDeclaration(moving({ row }));

    expect([plan.step, plan.row.held?.by]).toEqual([null, 'contested']);
  });

  it('is not contested because SLB was busy three times', () => {
    const row = [1, 2, 3].reduce((before) => pointedOnce(before, true), KNOWN);

    expect(planDeclaration(moving({ row })).step).toMatchObject({ kind: 'point' });
  });
});
