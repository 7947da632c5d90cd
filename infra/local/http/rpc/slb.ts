import type { Hono } from 'hono';
import { z } from 'zod';
import type { Foundation } from '../../world/foundation.ts';
import { LISTENER_PROTOCOLS } from '../../world/slb/model.ts';
import { type SlbOperations, slbOperations } from '../../world/slb/operations.ts';
import type { Slb } from '../../world/slb/slb.ts';
import type { LocalEnv } from '../connection.ts';
import { createRpcApp } from './app.ts';
import { type RpcOperation, type RpcProduct, rpcOperation } from './product.ts';
import * as answers from './slb-answers.ts';
import { slbGroupCalls } from './slb-groups.ts';
import { slbListenerCalls } from './slb-listeners.ts';
import { slbMasterSlaveGroupCalls } from './slb-master-slave-groups.ts';
import { slbRuleCalls } from './slb-rules.ts';
import { slbTagCalls } from './slb-tags.ts';
import { integer, tagsToMatch, tagsToSet, text } from './wire.ts';

/** SLB's endpoint, API version 2014-05-15. */
export function createSlbApp(foundation: Foundation, slb: Slb): Hono<LocalEnv> {
  return createRpcApp(foundation, slbProduct(foundation, slb));
}

/** The operations of that endpoint, whatever carries the calls. */
export function slbProduct(foundation: Foundation, slb: Slb): RpcProduct {
  const operations = slbOperations(foundation, slb);
  return {
    product: 'slb',
    version: '2014-05-15',
    hostId: 'slb.aliyuncs.com',
    operations: new Map<string, RpcOperation>(
      Object.entries({
        ...loadBalancerCalls(operations, foundation.region),
        ...slbListenerCalls(operations),
        ...slbGroupCalls(operations),
        ...slbMasterSlaveGroupCalls(operations),
        ...slbRuleCalls(operations),
        ...slbTagCalls(operations),
      }),
    ),
  };
}

function loadBalancerCalls(operations: SlbOperations, region: string) {
  return {
    CreateLoadBalancer: rpcOperation(operations.CreateLoadBalancer, {
      parameters: z
        .object({
          RegionId: text,
          LoadBalancerName: text.optional(),
          AddressType: z.enum(['internet', 'intranet']).optional(),
          VpcId: text.optional(),
          VSwitchId: text.optional(),
          Tag: tagsToSet.optional(),
        })
        .transform((wire) => ({
          loadBalancerName: wire.LoadBalancerName,
          addressType: wire.AddressType,
          vpcId: wire.VpcId,
          vSwitchId: wire.VSwitchId,
          tags: wire.Tag,
        })),
      answer: answers.loadBalancerCreated,
    }),
    DescribeLoadBalancers: rpcOperation(operations.DescribeLoadBalancers, {
      parameters: z
        .object({
          RegionId: text,
          LoadBalancerId: text.optional(),
          LoadBalancerName: text.optional(),
          LoadBalancerStatus: text.optional(),
          ServerId: text.optional(),
          VpcId: text.optional(),
          VSwitchId: text.optional(),
          Address: text.optional(),
          AddressType: text.optional(),
          Tags: text.transform(parseTagsJson).optional(),
          Tag: tagsToMatch.optional(),
          PageNumber: integer.optional(),
          PageSize: integer.optional(),
        })
        .transform((wire) => ({
          loadBalancerIds: wire.LoadBalancerId?.split(','),
          loadBalancerName: wire.LoadBalancerName,
          loadBalancerStatus: wire.LoadBalancerStatus,
          serverId: wire.ServerId,
          vpcId: wire.VpcId,
          vSwitchId: wire.VSwitchId,
          address: wire.Address,
          addressType: wire.AddressType,
          tags: [...(wire.Tags ?? []), ...(wire.Tag ?? [])],
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
        })),
      answer: (page) => answers.loadBalancersDescribed(page, region),
    }),
    DescribeLoadBalancerAttribute: rpcOperation(operations.DescribeLoadBalancerAttribute, {
      parameters: z
        .object({ LoadBalancerId: text })
        .transform(({ LoadBalancerId }) => ({ loadBalancerId: LoadBalancerId })),
      answer: (found) => answers.loadBalancerDescribed(found, region),
    }),
    DescribeHealthStatus: rpcOperation(operations.DescribeHealthStatus, {
      parameters: z
        .object({
          LoadBalancerId: text,
          ListenerPort: integer.optional(),
          ListenerProtocol: z.enum(LISTENER_PROTOCOLS).optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          listenerPort: wire.ListenerPort,
          listenerProtocol: wire.ListenerProtocol,
        })),
      answer: answers.healthDescribed,
    }),
  };
}

const TagsJsonSchema = z.array(z.object({ TagKey: z.string(), TagValue: z.string().optional() }));

/** The `Tags` filter is a JSON array as text. What is no such array is refused by the schema around it. */
function parseTagsJson(json: string, context: z.RefinementCtx) {
  try {
    const tags = TagsJsonSchema.parse(JSON.parse(json));
    return tags.map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue }));
  } catch {
    context.addIssue({ code: 'custom', message: 'not a JSON array of tags' });
    return z.NEVER;
  }
}
