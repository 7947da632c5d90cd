import { z } from 'zod';
import { LISTENER_PROTOCOLS } from '../../world/slb/model.ts';
import type { SlbOperations } from '../../world/slb/operations.ts';
import { slbRefusals } from '../../world/slb/refusals.ts';
import { nothing, rpcOperation } from './product.ts';
import * as answers from './slb-answers.ts';
import { integer, text } from './wire.ts';

/** SLB's calls about forwarding rules, as the wire has them. */
export function slbRuleCalls(operations: SlbOperations) {
  const address = {
    RegionId: text,
    LoadBalancerId: text,
    ListenerPort: integer,
    ListenerProtocol: z.enum(LISTENER_PROTOCOLS).optional(),
  };
  return {
    CreateRules: rpcOperation(operations.CreateRules, {
      parameters: z
        .object({ ...address, RuleList: text.transform((json) => parseJson(RuleListSchema, json)) })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          listenerPort: wire.ListenerPort,
          listenerProtocol: wire.ListenerProtocol,
          rules: wire.RuleList,
        })),
      answer: answers.rulesCreated,
    }),
    DescribeRules: rpcOperation(operations.DescribeRules, {
      parameters: z.object(address).transform((wire) => ({
        loadBalancerId: wire.LoadBalancerId,
        listenerPort: wire.ListenerPort,
        listenerProtocol: wire.ListenerProtocol,
      })),
      answer: answers.rulesDescribed,
    }),
    SetRule: rpcOperation(operations.SetRule, {
      parameters: z
        .object({
          RegionId: text,
          RuleId: text,
          RuleName: text.optional(),
          VServerGroupId: text.optional(),
        })
        .transform((wire) => ({
          ruleId: wire.RuleId,
          ruleName: wire.RuleName,
          vServerGroupId: wire.VServerGroupId,
        })),
      answer: nothing,
    }),
    DeleteRules: rpcOperation(operations.DeleteRules, {
      parameters: z
        .object({ RegionId: text, RuleIds: text.transform((json) => parseJson(RuleIdsSchema, json)) })
        .transform(({ RuleIds }) => ({ ruleIds: RuleIds })),
      answer: nothing,
    }),
  };
}

const RuleListSchema = z.array(
  z
    .object({
      RuleName: z.string().optional(),
      Domain: z.string().optional(),
      Url: z.string().optional(),
      VServerGroupId: z.string().optional(),
    })
    .transform((wire) => ({
      ruleName: wire.RuleName,
      domain: wire.Domain,
      url: wire.Url,
      vServerGroupId: wire.VServerGroupId,
    })),
);
const RuleIdsSchema = z.array(z.string()).min(1);

/** `RuleList` and `RuleIds` hold JSON as text. */
function parseJson<T>(schema: z.ZodType<T>, json: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    throw slbRefusals.malformedRules();
  }
}
