import { z } from 'zod';
import type { TargetChange } from '../../world/slb/listener-target.ts';
import { LISTENER_PROTOCOLS, type ListenerProtocol, SCHEDULERS } from '../../world/slb/model.ts';
import type { SlbOperations } from '../../world/slb/operations.ts';
import { slbRefusals } from '../../world/slb/refusals.ts';
import { nothing, rpcOperation } from './product.ts';
import * as answers from './slb-answers.ts';
import { integer, tagsToMatch, tagsToSet, text } from './wire.ts';

const protocol = z.enum(LISTENER_PROTOCOLS);
const scheduler = z.enum(SCHEDULERS);
const onOff = z.enum(['on', 'off']);

/** SLB's calls about listeners, as the wire has them. */
export function slbListenerCalls(operations: SlbOperations) {
  const address = z
    .object({ LoadBalancerId: text, ListenerPort: integer, ListenerProtocol: protocol.optional() })
    .transform((wire) => ({
      loadBalancerId: wire.LoadBalancerId,
      listenerPort: wire.ListenerPort,
      listenerProtocol: wire.ListenerProtocol,
    }));
  const addressOf = (listenerProtocol: ListenerProtocol) =>
    z.object({ LoadBalancerId: text, ListenerPort: integer }).transform((wire) => ({
      loadBalancerId: wire.LoadBalancerId,
      listenerPort: wire.ListenerPort,
      listenerProtocol,
    }));
  const create = (listenerProtocol: ListenerProtocol) =>
    rpcOperation(operations.CreateListener, {
      parameters: z
        .looseObject({
          LoadBalancerId: text,
          ListenerPort: integer,
          BackendServerPort: integer.optional(),
          VServerGroupId: text.optional(),
          MasterSlaveServerGroupId: text.optional(),
          Scheduler: scheduler.optional(),
          Bandwidth: integer.optional(),
          Description: text.optional(),
          Tag: tagsToSet.optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          listenerPort: wire.ListenerPort,
          listenerProtocol,
          backendServerPort: wire.BackendServerPort,
          vServerGroupId: wire.VServerGroupId,
          masterSlaveServerGroupId: wire.MasterSlaveServerGroupId,
          scheduler: wire.Scheduler,
          bandwidth: wire.Bandwidth,
          description: wire.Description,
          tags: wire.Tag,
          settings: settingsOf(wire),
        })),
      answer: nothing,
    });
  const set = (listenerProtocol: ListenerProtocol) =>
    rpcOperation(operations.SetListener, {
      parameters: z
        .looseObject({
          LoadBalancerId: text,
          ListenerPort: integer,
          VServerGroup: onOff.optional(),
          VServerGroupId: text.optional(),
          MasterSlaveServerGroup: onOff.optional(),
          MasterSlaveServerGroupId: text.optional(),
          Scheduler: scheduler.optional(),
          Bandwidth: integer.optional(),
          Description: text.optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          listenerPort: wire.ListenerPort,
          listenerProtocol,
          ...targetOf(wire),
          scheduler: wire.Scheduler,
          bandwidth: wire.Bandwidth,
          description: wire.Description,
          settings: settingsOf(wire),
        })),
      answer: nothing,
    });
  const describe = (listenerProtocol: ListenerProtocol) =>
    rpcOperation(operations.DescribeListener, {
      parameters: addressOf(listenerProtocol),
      answer: answers.listenerDescribed,
    });
  return {
    CreateLoadBalancerTCPListener: create('tcp'),
    CreateLoadBalancerUDPListener: create('udp'),
    CreateLoadBalancerHTTPListener: create('http'),
    CreateLoadBalancerHTTPSListener: create('https'),
    SetLoadBalancerTCPListenerAttribute: set('tcp'),
    SetLoadBalancerUDPListenerAttribute: set('udp'),
    SetLoadBalancerHTTPListenerAttribute: set('http'),
    SetLoadBalancerHTTPSListenerAttribute: set('https'),
    DescribeLoadBalancerTCPListenerAttribute: describe('tcp'),
    DescribeLoadBalancerUDPListenerAttribute: describe('udp'),
    DescribeLoadBalancerHTTPListenerAttribute: describe('http'),
    DescribeLoadBalancerHTTPSListenerAttribute: describe('https'),
    StartLoadBalancerListener: rpcOperation(operations.StartLoadBalancerListener, {
      parameters: address,
      answer: nothing,
    }),
    StopLoadBalancerListener: rpcOperation(operations.StopLoadBalancerListener, {
      parameters: address,
      answer: nothing,
    }),
    DeleteLoadBalancerListener: rpcOperation(operations.DeleteLoadBalancerListener, {
      parameters: address,
      answer: nothing,
    }),
    DescribeLoadBalancerListeners: rpcOperation(operations.DescribeLoadBalancerListeners, {
      parameters: z
        .object({
          LoadBalancerId: z.array(text).optional(),
          ListenerProtocol: protocol.optional(),
          ListenerPort: integer.optional(),
          Description: text.optional(),
          Tag: tagsToMatch.optional(),
          MaxResults: integer.optional(),
          NextToken: text.optional(),
        })
        .transform((wire) => ({
          loadBalancerIds: wire.LoadBalancerId,
          listenerProtocol: wire.ListenerProtocol,
          listenerPort: wire.ListenerPort,
          description: wire.Description,
          tags: wire.Tag,
          maxResults: wire.MaxResults,
          nextToken: wire.NextToken,
        })),
      answer: answers.listenersDescribed,
    }),
  };
}

/** The group that Set names, by the two switches and the two ids. Both on, or both named, is refused. */
function targetOf(wire: {
  readonly VServerGroup?: 'on' | 'off' | undefined;
  readonly VServerGroupId?: string | undefined;
  readonly MasterSlaveServerGroup?: 'on' | 'off' | undefined;
  readonly MasterSlaveServerGroupId?: string | undefined;
}): TargetChange {
  if (wire.VServerGroup === 'on' && wire.MasterSlaveServerGroup === 'on') {
    throw slbRefusals.twoGroupsForOneListener();
  }
  return {
    vServerGroupId: wire.VServerGroup === 'off' ? null : wire.VServerGroupId,
    masterSlaveServerGroupId: wire.MasterSlaveServerGroup === 'off' ? null : wire.MasterSlaveServerGroupId,
  };
}

/** What of a listener's parameters is text, by the names of its settings; some are spelled otherwise going in. */
function settingsOf(wire: Readonly<Record<string, unknown>>): Record<string, string> {
  const names: Readonly<Record<string, string>> = {
    HealthCheckSwitch: 'HealthCheck',
    healthCheckReq: 'HealthCheckReq',
    healthCheckExp: 'HealthCheckExp',
  };
  return Object.fromEntries(
    Object.entries(wire).flatMap(([name, value]) =>
      typeof value === 'string' ? [[Object.hasOwn(names, name) ? names[name] : name, value]] : [],
    ),
  );
}
