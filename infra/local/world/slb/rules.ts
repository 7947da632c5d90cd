import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import { NAME_PATTERN } from './backend-rules.ts';
import type { ListenerAddress, Listeners } from './listeners.ts';
import type { LoadBalancers } from './load-balancers.ts';
import type { Listener, Rule, VServerGroup } from './model.ts';
import { slbRefusals } from './refusals.ts';

/** A forwarding rule as a caller names it, unchecked. */
export interface RuleInput {
  readonly ruleName?: string | undefined;
  readonly domain?: string | undefined;
  readonly url?: string | undefined;
  readonly vServerGroupId?: string | undefined;
}

/** What CreateRules is given. */
export interface CreateRulesInput extends ListenerAddress {
  /** 1–10. */
  readonly rules: ReadonlyArray<RuleInput>;
}

/** What SetRule is given; what is left out stays. */
export interface SetRuleInput {
  readonly ruleId: string;
  readonly ruleName?: string | undefined;
  readonly vServerGroupId?: string | undefined;
}

/** The forwarding rules of HTTP and HTTPS listeners. */
export interface Rules {
  create(input: CreateRulesInput): ReadonlyArray<Rule>;
  /** Puts one into the world; one with the same domain and path at the listener stays as it is. */
  seed(input: ListenerAddress & RuleInput & { readonly ruleId?: string | undefined }): Rule;
  /** DescribeRules. Throws `InvalidParameter` when there is no such listener. */
  describe(address: ListenerAddress): ReadonlyArray<Rule>;
  /** Points a rule at another group of its load balancer. */
  set(input: SetRuleInput): void;
  delete(input: { readonly ruleIds: ReadonlyArray<string> }): void;
  /** Forgets what belongs to a listener that is no more. */
  deleteOf(listener: Listener): void;
  of(listener: Pick<Listener, 'loadBalancerId' | 'listenerPort' | 'listenerProtocol'>): ReadonlyArray<Rule>;
  usersOf(vServerGroupId: string): ReadonlyArray<Rule>;
  find(ruleId: string): Rule | null;
}

const RULES_PER_CALL_MAX = 10;

/** The rules kept in the foundation's store. */
export function createRules(
  foundation: Foundation,
  deps: {
    readonly loadBalancers: LoadBalancers;
    readonly listeners: Listeners;
    readonly findGroup: (vServerGroupId: string) => VServerGroup | null;
  },
): Rules {
  const { loadBalancers, listeners, findGroup } = deps;
  const rows = foundation.store.collection<Rule>('slb/rules');

  const of: Rules['of'] = ({ loadBalancerId, listenerPort, listenerProtocol }) =>
    [...rows.values()].filter(
      (rule) =>
        rule.loadBalancerId === loadBalancerId &&
        rule.listenerPort === listenerPort &&
        rule.listenerProtocol === listenerProtocol,
    );
  const build = (listener: Listener, input: RuleInput): Rule => {
    const { ruleName = 'rule', domain = '', url = '', vServerGroupId } = input;
    const isFine = NAME_PATTERN.test(ruleName) && (domain !== '' || url !== '') && /^(\/.*)?$/.test(url);
    if (!isFine || vServerGroupId === undefined) throw slbRefusals.malformedRules();
    if (findGroup(vServerGroupId)?.loadBalancerId !== listener.loadBalancerId) {
      throw slbRefusals.vServerGroupNotFound();
    }
    const { loadBalancerId, listenerPort, listenerProtocol } = listener;
    return {
      ruleId: freshId(foundation, 'rule', (id) => rows.has(id)),
      ruleName,
      loadBalancerId,
      listenerPort,
      listenerProtocol,
      domain,
      url,
      vServerGroupId,
      createdAtMs: foundation.clock.nowMs(),
    };
  };
  const layer7 = (address: ListenerAddress): Listener => {
    const listener = listeners.get(address);
    const isLayer7 = listener.listenerProtocol === 'http' || listener.listenerProtocol === 'https';
    if (!isLayer7) throw slbRefusals.invalidParameter();
    return listener;
  };
  const recordMove = (rule: Rule, from: string) => {
    const { loadBalancerId, ruleId, domain, url, vServerGroupId: to } = rule;
    foundation.timeline.record({
      source: 'slb',
      kind: 'rule-moved',
      text: `${ruleId} (${domain}${url}) of ${loadBalancerId}: from ${from} to ${to}`,
      details: { loadBalancerId, ruleId, from, to },
    });
  };
  const same = (listener: Listener, { domain = '', url = '' }: RuleInput) =>
    of(listener).find((rule) => rule.domain === domain && rule.url === url);

  return {
    of,
    find: (ruleId) => rows.get(ruleId) ?? null,
    usersOf: (vServerGroupId) => [...rows.values()].filter((rule) => rule.vServerGroupId === vServerGroupId),
    describe: (address) => of(layer7(address)),
    create({ rules, ...address }) {
      loadBalancers.getForChange(address.loadBalancerId);
      const listener = layer7(address);
      if (rules.length === 0 || rules.length > RULES_PER_CALL_MAX) throw slbRefusals.malformedRules();
      if (rules.some((rule) => same(listener, rule) !== undefined)) throw slbRefusals.ruleExists();
      const created = rules.map((rule) => build(listener, rule));
      const places = new Set(created.map(({ domain, url }) => `${domain} ${url}`));
      if (places.size < created.length) throw slbRefusals.ruleExists();
      for (const rule of created) rows.set(rule.ruleId, rule);
      return created;
    },
    seed(input) {
      const listener = layer7(input);
      const present = same(listener, input);
      if (present !== undefined) return present;
      const built = build(listener, input);
      const rule = { ...built, ruleId: input.ruleId ?? built.ruleId };
      rows.set(rule.ruleId, rule);
      return rule;
    },
    set({ ruleId, ruleName, vServerGroupId }) {
      const rule = rows.get(ruleId);
      if (rule === undefined) throw slbRefusals.ruleNotFound();
      loadBalancers.getForChange(rule.loadBalancerId);
      if (ruleName !== undefined && !NAME_PATTERN.test(ruleName)) throw slbRefusals.malformedRules();
      if (vServerGroupId !== undefined && findGroup(vServerGroupId)?.loadBalancerId !== rule.loadBalancerId) {
        throw slbRefusals.vServerGroupNotFound();
      }
      const changed = {
        ...rule,
        ruleName: ruleName ?? rule.ruleName,
        vServerGroupId: vServerGroupId ?? rule.vServerGroupId,
      };
      rows.set(ruleId, changed);
      if (changed.vServerGroupId !== rule.vServerGroupId) recordMove(changed, rule.vServerGroupId);
    },
    delete({ ruleIds }) {
      const found = ruleIds.map((ruleId) => rows.get(ruleId));
      for (const rule of found) {
        if (rule === undefined) throw slbRefusals.ruleNotFound();
        loadBalancers.getForChange(rule.loadBalancerId);
      }
      for (const ruleId of ruleIds) rows.delete(ruleId);
    },
    deleteOf(listener) {
      for (const { ruleId } of of(listener)) rows.delete(ruleId);
    },
  };
}
