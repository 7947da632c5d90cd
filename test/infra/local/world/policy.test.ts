import { describe, expect, it } from 'vitest';
import { isAllowed, PolicyDocumentSchema } from '../../../../infra/local/world/policy.ts';

const allow = (Action: string | Array<string>, Resource: string | Array<string>) =>
  PolicyDocumentSchema.parse({ Version: '1', Statement: [{ Effect: 'Allow', Action, Resource }] });
const deny = (Action: string, Resource: string) =>
  PolicyDocumentSchema.parse({ Version: '1', Statement: [{ Effect: 'Deny', Action, Resource }] });
const LB = 'acs:slb:cn-hangzhou:1234567890123456:loadbalancer/lb-1';

describe('a RAM policy', () => {
  it('denies what nobody allowed', () => {
    expect(isAllowed([], 'slb:DescribeLoadBalancers', LB)).toBe(false);
    expect(isAllowed([allow('ecs:*', '*')], 'slb:DescribeLoadBalancers', LB)).toBe(false);
  });

  it.each([
    ['slb:SetVServerGroupAttribute', LB, true],
    ['slb:setvservergroupattribute', LB, true],
    ['slb:*', 'acs:slb:*:*:loadbalancer/*', true],
    ['slb:Set?ServerGroupAttribute', 'acs:slb:cn-hangzhou:*:loadbalancer/lb-?', true],
    ['slb:SetVServerGroup', LB, false],
    ['slb:SetVServerGroupAttribute', 'acs:slb:cn-beijing:*:loadbalancer/*', false],
    ['slb:SetVServerGroupAttribute', 'acs.slb.*', false],
  ])('judges %s on %s', (action, resource, expected) => {
    expect(isAllowed([allow(action, resource)], 'slb:SetVServerGroupAttribute', LB)).toBe(expected);
  });

  it('lets a Deny beat every Allow, wherever it stands', () => {
    expect(isAllowed([deny('slb:Set*', LB), allow('*', '*')], 'slb:SetVServerGroupAttribute', LB)).toBe(
      false,
    );
    expect(isAllowed([allow('*', '*'), deny('slb:Set*', LB)], 'slb:DescribeLoadBalancers', LB)).toBe(true);
  });

  it('is refused with a condition, which the local clouds cannot judge', () => {
    const statement = {
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { Bool: { 'acs:SecureTransport': 'true' } },
    };
    expect(PolicyDocumentSchema.safeParse({ Version: '1', Statement: [statement] }).success).toBe(false);
  });
});
