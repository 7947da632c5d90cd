import type { WorkerCall } from '../play/calls.ts';
import { bindingsOfGroup } from './bound-groups.ts';
import type { Scene } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';
import { pairOf, pairWriteOf } from './pair-writes.ts';

/** The lane of a pair: beside that of its load balancer, and never the same. */
export function laneOfPair({ name }: { readonly name: string }): string {
  return `pair-${name}`;
}

/**
 * The lane under which a write of ours has to be sent, `''` where no lane of the configuration could be its own; `null` = the
 * call is no write to SLB.
 */
export function laneOfWrite(
  scene: Pick<Scene, 'config' | 'clouds' | 'pairs'>,
  call: WorkerCall,
): string | null {
  const group = groupWriteOf(call);
  if (group !== null) return bindingsOfGroup(scene, group.vServerGroupId)[0]?.loadBalancerId ?? '';
  // As it was when it was sent: what it deletes is not there any more when it is answered.
  const declared = ofDeclarations.get(call) ?? declaredOf(scene, call);
  if (declared !== null) {
    ofDeclarations.set(call, declared);
    return declared;
  }
  const write = pairWriteOf(call);
  if (write === null) return null;
  const pair = pairOf(scene.config, scene.pairs, write);
  return pair === null ? '' : laneOfPair(pair);
}

const ofDeclarations = new WeakMap<WorkerCall, string>();

const OF_DECLARATIONS =
  /^(?:CreateVServerGroup|DeleteVServerGroup|TagResources|UntagResources|SetRule|CreateRules|SetVServerGroupAttribute|SetLoadBalancer.*ListenerAttribute)$/;

/** The lane of a write about a declared group as a whole, its listeners or its rules; `null` = it is none. */
function declaredOf({ clouds }: Pick<Scene, 'clouds'>, { travel }: WorkerCall): string | null {
  if (travel.product !== 'slb' || !OF_DECLARATIONS.test(travel.action)) return null;
  const { LoadBalancerId, VServerGroupId, ResourceType, ResourceId, RuleId } = travel.parameters as {
    readonly LoadBalancerId?: string;
    readonly VServerGroupId?: string;
    readonly ResourceType?: string;
    readonly ResourceId?: ReadonlyArray<string>;
    readonly RuleId?: string;
  };
  // The same operation points a listener at a pair's group, in the lane of the pair.
  const isOfListener = travel.action.startsWith('SetLoadBalancer');
  if (isOfListener && VServerGroupId === undefined) return null;
  if (ResourceType !== undefined && ResourceType !== 'vservergroup') return null;
  if (LoadBalancerId !== undefined) return LoadBalancerId;
  if (RuleId !== undefined) return clouds.slb.rules.find(RuleId)?.loadBalancerId ?? '';
  return clouds.slb.group(VServerGroupId ?? ResourceId?.[0] ?? '')?.loadBalancerId ?? '';
}
