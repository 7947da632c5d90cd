import * as z from 'zod';
import type { RpcClient } from './rpc-client.ts';

const RulesSchema = z.object({
  RequestId: z.string(),
  Rules: z.object({
    Rule: z.array(
      z.object({
        RuleId: z.string(),
        RuleName: z.string().nullish(),
        Domain: z.string().nullish(),
        Url: z.string().nullish(),
        VServerGroupId: z.string().nullish(),
      }),
    ),
  }),
});

/** A forwarding rule as SLB lists it; `''` as domain or URL = any. */
export interface ListedRule {
  readonly ruleId: string;
  readonly name: string;
  readonly domain: string;
  readonly url: string;
  /** `null` = it has none. */
  readonly groupId: string | null;
}

/**
 * The forwarding rules of an HTTP or HTTPS listener; SLB refuses to list those of others. Throws TransientError, RejectedError.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-describerules
 */
export async function describeRules(
  client: RpcClient,
  loadBalancerId: string,
  { protocol, port }: { readonly protocol: string; readonly port: number },
): Promise<ReadonlyArray<ListedRule>> {
  const parameters = { LoadBalancerId: loadBalancerId, ListenerPort: port, ListenerProtocol: protocol };
  const { Rules } = await client.call('DescribeRules', 'read', parameters, RulesSchema);
  return Rules.Rule.map(({ RuleId, RuleName, Domain, Url, VServerGroupId }) => ({
    ruleId: RuleId,
    name: RuleName ?? '',
    domain: Domain ?? '',
    url: Url ?? '',
    groupId: VServerGroupId || null,
  }));
}
