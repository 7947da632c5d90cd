import type { Answer, Facts, ScalingGroupAnswers } from '../../../../infra/operator/doctor/model.ts';
import type { Binding } from '../../../../shared/config/binding.ts';
import type { Config } from '../../../../shared/config/load.ts';
import type { EcsInstance, LifecycleState } from '../../../../shared/instances/model.ts';
import type { ObservedLoadBalancer } from '../../../../shared/load-balancers/model.ts';
import type { LifecycleHook } from '../../../../shared/scaling/model.ts';
import {
  ASSUME,
  aBinding,
  aLoadBalancer,
  anInstance,
  GROUP,
  LB,
  LIMITS,
  MAINTENANCE,
  REQUESTS,
  SCALING,
  SCALING_GROUP,
  SWEEP,
  TIMING,
} from '../../../support/builders.ts';

export const ACCOUNT = '1234567890123456';
export const OUR_QUEUE = `acs:mns:cn-hangzhou:${ACCOUNT}:queue/slb-autopilot-scaling-hooks`;
export const ANOTHER_QUEUE = `acs:mns:cn-hangzhou:${ACCOUNT}:queue/somebody-elses`;

export const known = <T>(value: T): Answer<T> => ({ isKnown: true, value });
export const unknown = (reason: string): Answer<never> => ({ isKnown: false, reason });

/** A configuration with the product's defaults. */
export function aConfig(overrides: Partial<Config> = {}): Config {
  return {
    version: 1,
    regionId: 'cn-hangzhou',
    bindings: [aBinding()],
    pairs: [],
    timing: TIMING,
    limits: LIMITS,
    scaling: SCALING,
    maintenance: MAINTENANCE,
    sweep: SWEEP,
    requests: REQUESTS,
    assume: ASSUME,
    ...overrides,
  };
}

/** A binding that selects by the scaling group of the tests. */
export function aScaledBinding(overrides: Parameters<typeof aBinding>[0] = {}): Binding {
  return aBinding({ selector: { kind: 'scaling-group', scalingGroupId: SCALING_GROUP }, ...overrides });
}

/** A hook on the way out as it should be: on our queue, 600 s, and rolled back when nobody answers. */
export function aHook(overrides: Partial<LifecycleHook> = {}): LifecycleHook {
  return {
    lifecycleHookId: 'ash-bp1scalein0001',
    name: 'drain',
    transition: 'SCALE_IN',
    timeoutSeconds: 600,
    defaultResult: 'ROLLBACK',
    isActive: true,
    notificationArn: OUR_QUEUE,
    ...overrides,
  };
}

/** One on the way in, as it should be. */
export function aHookIn(overrides: Partial<LifecycleHook> = {}): LifecycleHook {
  return aHook({
    lifecycleHookId: 'ash-bp1scaleout001',
    name: 'join',
    transition: 'SCALE_OUT',
    defaultResult: 'ABANDON',
    ...overrides,
  });
}

/** An active scaling group with one instance in service and a hook each way. */
export function aScalingGroup(overrides: Partial<ScalingGroupAnswers> = {}): ScalingGroupAnswers {
  return {
    group: known({
      scalingGroupId: SCALING_GROUP,
      name: 'web',
      lifecycleState: 'Active',
      attachments: [],
    }),
    hooks: known([aHookIn(), aHook()]),
    instances: known(new Map<string, LifecycleState>([['i-web0001', 'InService']])),
    ...overrides,
  };
}

/** What tags select. */
export function aListing(
  instances: ReadonlyArray<EcsInstance> = [anInstance('i-web0001')],
  isComplete = true,
) {
  return known({ instances, isComplete });
}

/** A deployment in which nothing is wrong: one load balancer, one group, one binding by tags. */
export function someFacts(overrides: Partial<Facts> = {}): Facts {
  return {
    config: aConfig(),
    accountId: ACCOUNT,
    loadBalancers: new Map([[LB, known<ObservedLoadBalancer | null>(aLoadBalancer())]]),
    groupOwners: new Map([[GROUP, known<string | null>(LB)]]),
    scalingGroups: new Map(),
    listings: new Map([['web', aListing()]]),
    pairs: new Map(),
    areFunctionsInVpc: null,
    tables: known([{ name: 'lanes', state: 'present' as const }]),
    ...overrides,
  };
}

/** The same beside a scaling group; its binding selects by it. */
export function scaledFacts({
  config = {},
  ...overrides
}: Partial<Omit<Facts, 'config'>> & { readonly config?: Partial<Config> } = {}): Facts {
  return someFacts({
    config: aConfig({ bindings: [aScaledBinding()], ...config }),
    listings: new Map(),
    scalingGroups: new Map([[SCALING_GROUP, aScalingGroup()]]),
    ...overrides,
  });
}
