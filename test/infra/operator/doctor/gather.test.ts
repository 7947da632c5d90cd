import { describe, expect, it } from 'vitest';
import { gather, type Sources } from '../../../../infra/operator/doctor/gather.ts';
import { RejectedError, TransientError } from '../../../../shared/errors.ts';
import { MissingGroupError } from '../../../../shared/server-groups/errors.ts';
import {
  aBinding,
  aGroup,
  aLoadBalancer,
  GROUP,
  LB,
  SCALING,
  SCALING_GROUP,
} from '../../../support/builders.ts';
import { aPair } from '../pairs/builders.ts';
import { ACCOUNT, aConfig } from './facts.ts';

const CONFIG = aConfig({
  bindings: [aBinding(), aBinding({ name: 'api', ports: [{ port: 9090, weight: 10 }] })],
  scaling: { ...SCALING, groups: [{ scalingGroupId: SCALING_GROUP, hookTimeoutMs: null }] },
});

const throwing = (error: Error) => async () => {
  throw error;
};

/** Clouds in which everything is empty, and how often each was asked. */
function someSources(overrides: Partial<Sources> = {}) {
  const asked: Array<string> = [];
  const answering =
    <Args extends ReadonlyArray<unknown>, T>(name: string, value: T) =>
    async (...[first]: Args): Promise<T> => {
      asked.push(`${name} ${typeof first === 'string' ? first : ''}`.trim());
      return value;
    };
  const sources: Sources = {
    loadBalancers: { describe: answering('load balancer', aLoadBalancer()) },
    groups: { describe: answering('group', aGroup([])) },
    pairGroups: {
      listener: throwing(new Error('no pair is configured')),
      describe: throwing(new Error('no pair is configured')),
    },
    instances: {
      describe: answering('describe', []),
      list: answering('list', { instances: [], isComplete: true }),
      provePermission: answering('permission', undefined),
    },
    scaling: { hooks: answering('hooks', []), instances: answering('instances', new Map()) },
    scalingGroup: answering('scaling group', null),
    tables: answering('tables', []),
    ...overrides,
  };
  return { asked, sources };
}

const refused = (code: string) => new RejectedError('refused', { api: 'Describe', code, requestId: null });

describe('gathering', () => {
  it('asks once about what several bindings name', async () => {
    const { asked, sources } = someSources();

    await gather(CONFIG, ACCOUNT, sources);

    expect([...asked].sort()).toEqual([
      `group ${GROUP}`,
      `hooks ${SCALING_GROUP}`,
      `instances ${SCALING_GROUP}`,
      'list',
      'list',
      `load balancer ${LB}`,
      'permission ecs',
      'permission ecs',
      `scaling group ${SCALING_GROUP}`,
      'tables',
    ]);
  });

  it('takes a refusal for absence only where it says so', async () => {
    const missing = someSources({
      loadBalancers: { describe: throwing(refused('InvalidLoadBalancerId.NotFound')) },
      groups: { describe: throwing(new MissingGroupError('gone')) },
    });
    const denied = someSources({
      loadBalancers: { describe: throwing(refused('Forbidden.RAM')) },
      groups: { describe: throwing(refused('InvalidParameter')) },
    });

    const absent = await gather(CONFIG, ACCOUNT, missing.sources);
    const unknown = await gather(CONFIG, ACCOUNT, denied.sources);

    expect(absent.loadBalancers.get(LB)).toEqual({ isKnown: true, value: null });
    expect(absent.groupOwners.get(GROUP)).toEqual({ isKnown: true, value: null });
    expect(unknown.loadBalancers.get(LB)).toEqual({
      isKnown: false,
      reason: 'refused (Describe, Forbidden.RAM)',
    });
    expect(unknown.groupOwners.get(GROUP)).toMatchObject({ isKnown: false });
  });

  it('goes on after each question without an answer', async () => {
    const silent = throwing(new TransientError('no answer', 'unavailable'));
    const { sources } = someSources({
      loadBalancers: { describe: silent },
      groups: { describe: silent },
      pairGroups: { listener: silent, describe: silent },
      instances: { describe: silent, list: silent, provePermission: silent },
      scaling: { hooks: silent, instances: silent },
      scalingGroup: silent,
      tables: silent,
    });

    const pairs = [aPair({ standby: { tags: { role: 'standby' } } })];
    const facts = await gather({ ...CONFIG, pairs }, ACCOUNT, sources);

    expect(facts.pairs.get('orders-db')).toMatchObject({
      listeners: { isKnown: false, reason: 'no answer' },
      standbyIds: { isKnown: false },
    });
    const none = { isKnown: false, reason: 'no answer' };
    expect(facts.scalingGroups.get(SCALING_GROUP)).toEqual({ group: none, hooks: none, instances: none });
    expect([facts.loadBalancers.get(LB), facts.groupOwners.get(GROUP), facts.tables]).toEqual([
      none,
      none,
      none,
    ]);
    expect([...facts.listings.values()]).toEqual([none, none]);
  });

  it('does not believe an empty listing of a key that may not list', async () => {
    const { sources } = someSources();
    const provePermission = throwing(refused('Forbidden.RAM'));

    const facts = await gather(CONFIG, ACCOUNT, {
      ...sources,
      instances: { ...sources.instances, provePermission },
    });

    expect(facts.listings.get('web')).toMatchObject({ isKnown: false });
  });
});
