import type { ForwardingRule, ViewedListener } from './view.ts';

/** Which requests of a listener go to which group: of all that match, the first counts. */
export interface Route {
  /** `listener`: whatever no rule has taken, to its own group; `default`: the same where it has none. */
  readonly kind: 'rule' | 'listener' | 'default';
  /** Of a rule; `null` = the rest. */
  readonly rule: ForwardingRule | null;
  /** `null` = the default group. */
  readonly groupId: string | null;
}

/**
 * The order in which CLB looks for a place for a request: the exact domain before a wildcard, a narrower wildcard before a
 * wider one, then rules without a domain; of the same domain the longest URL first; then the listener's own group, or the
 * default group where it has none. CLB sorts so by itself, whatever the order in which rules were made.
 *
 * @see https://www.alibabacloud.com/help/doc-detail/85955.htm
 */
export function routesOf({
  rules,
  groupId,
}: Pick<ViewedListener, 'rules' | 'groupId'>): ReadonlyArray<Route> {
  const ordered = [...rules].sort(bySpecificity);
  return [
    ...ordered.map((rule): Route => ({ kind: 'rule', rule, groupId: rule.groupId })),
    { kind: groupId === null ? 'default' : 'listener', rule: null, groupId },
  ];
}

function bySpecificity(a: ForwardingRule, b: ForwardingRule): number {
  return (
    domainRank(a.domain) - domainRank(b.domain) ||
    labels(b.domain) - labels(a.domain) ||
    compare(a.domain, b.domain) ||
    b.url.length - a.url.length ||
    compare(a.url, b.url) ||
    compare(a.ruleId, b.ruleId)
  );
}

function domainRank(domain: string): number {
  if (domain === '') return 2;
  return domain.includes('*') ? 1 : 0;
}

/** How narrow a wildcard is; exact domains do not compete. */
function labels(domain: string): number {
  return domain.includes('*') ? domain.split('.').length : 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
