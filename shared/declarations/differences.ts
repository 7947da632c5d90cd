import { type GroupListener, type GroupRule, groupListenerName, groupRuleName } from '../config/group.ts';
import { canonicalHash } from '../events/json.ts';
import { findGroup, isUnused } from './find.ts';
import {
  BINDING_TAG,
  type DeclarationInput,
  type DeclarationLook,
  type Difference,
  type ListedGroup,
  type ListedListener,
} from './model.ts';
import type { DeclarationHold } from './record.ts';

/** Stands for the group in steps about one that does not exist yet. */
export const TO_BE_CREATED = '(to be created)';

type Input = Pick<DeclarationInput, 'binding' | 'row' | 'seen' | 'serving'>;

/** Everything that is not as declared, in the order in which it is put right, and what cannot be. Pure. */
export function lookAtDeclaration(input: Input): DeclarationLook {
  const { binding, seen } = input;
  const { loadBalancerId, group: declared } = binding;
  const found = findGroup(input);
  const group = found.kind === 'known' ? found.group : null;
  if (seen.isLocked) {
    const held = { by: 'load-balancer', reason: 'the load balancer is locked and takes no change' };
    return { group, differences: [], held: [held] };
  }
  if (found.kind === 'held') return { group, differences: [], held: [found.held] };
  const groupId = group?.groupId ?? TO_BE_CREATED;
  const { name } = declared;
  const tags = [...declared.tags, { key: BINDING_TAG, value: binding.name }];
  const created: ReadonlyArray<Difference> =
    group === null
      ? [
          {
            target: name,
            text: `create vServer group ${name}`,
            step: { kind: 'create', loadBalancerId, name, tags },
            waitsFor: null,
          },
        ]
      : [...itself(input, group, tags), ...twins(found.kind === 'known' ? found.twins : [])];
  const held: Array<DeclarationHold> = [];
  const uses = [
    ...declared.listeners.map((listener) => listenerDifference(input, listener, groupId, held)),
    ...declared.rules.map((rule) => ruleDifference(input, rule, groupId, held)),
  ].flatMap((difference) => difference ?? []);
  return { group, differences: [...created, ...uses], held };
}

function itself(
  { binding, row }: Input,
  { groupId, name, tags: present }: ListedGroup,
  wanted: ReadonlyArray<{ readonly key: string; readonly value: string }>,
): ReadonlyArray<Difference> {
  const values = new Map(present.map(({ key, value }) => [key, value]));
  const tags = wanted.filter(({ key, value }) => values.get(key) !== value);
  const keys = row.tagKeys.filter((key) => values.has(key) && !wanted.some((tag) => tag.key === key));
  const declared = binding.group.name;
  const about = (text: string, step: Difference['step']): Difference => ({
    target: declared,
    text,
    step,
    waitsFor: null,
  });
  const listed = tags.map(({ key, value }) => `${key}=${value}`).join(', ');
  return [
    ...(tags.length === 0 ? [] : [about(`tag ${listed}`, { kind: 'tag', groupId, tags })]),
    ...(keys.length === 0 ? [] : [about(`untag ${keys.join(', ')}`, { kind: 'untag', groupId, keys })]),
    ...(name === declared
      ? []
      : [about(`name ${name} → ${declared}`, { kind: 'rename', groupId, name: declared })]),
  ];
}

/** What creates without an answer have left beside the group: of its name, with our tag, empty and used by nobody. */
function twins(groups: ReadonlyArray<ListedGroup>): ReadonlyArray<Difference> {
  return groups
    .filter((group) => isUnused(group) && group.serverCount === 0)
    .map(({ groupId }) => ({
      target: groupId,
      text: `delete ${groupId}, which a create without an answer has left`,
      step: { kind: 'delete', groupId },
      waitsFor: null,
    }));
}

function listenerDifference(
  input: Input,
  listener: GroupListener,
  groupId: string,
  held: Array<DeclarationHold>,
): Difference | null {
  const { seen, binding } = input;
  const { loadBalancerId } = binding;
  const target = groupListenerName(listener);
  const listed = seen.listeners.find(
    ({ protocol, port }) => protocol === listener.protocol && port === listener.port,
  );
  if (listed === undefined) {
    const reason = `${loadBalancerId} has no listener ${target}: create it, or take it out of the declaration`;
    held.push({ by: 'listener', reason });
    return null;
  }
  const { target: now } = listed;
  const nowId = now.kind === 'default' ? null : now.groupId;
  if (nowId === groupId) return null;
  const leavesPair = now.kind === 'pair';
  const step = { kind: 'point', loadBalancerId, listener, groupId, leavesPair, settings: {} } as const;
  const text = `${target}: ${nowId ?? 'the default group'} → this group`;
  return { target, text, step, waitsFor: waitOf(input, target, servesAt(seen, listed.target)) };
}

function ruleDifference(
  input: Input,
  rule: GroupRule,
  groupId: string,
  held: Array<DeclarationHold>,
): Difference | null {
  const { seen, binding } = input;
  const { loadBalancerId } = binding;
  const target = groupRuleName(rule);
  const now = rule.kind === 'id' ? ruleById(seen.groups, rule.ruleId) : ruleAt(input, rule, held);
  if (now === 'held') return null;
  if (now === null && rule.kind === 'id') {
    const reason = `no forwarding rule of ${loadBalancerId} is ${target}: name it by listener, domain and url, or take it out`;
    held.push({ by: 'rule', reason });
    return null;
  }
  if (now === null && rule.kind === 'place') {
    const { listener, domain, url } = rule;
    // What the listener's group serves goes on as before until the rule stands.
    const name = ruleNameOf(binding.name, rule);
    const step = { kind: 'create-rule', loadBalancerId, listener, domain, url, name, groupId } as const;
    const text = `create rule ${target} → this group`;
    return { target, text, step, waitsFor: waitOf(input, target, true) };
  }
  if (now === null || now.groupId === groupId) return null;
  const step = { kind: 'point-rule', ruleId: now.ruleId, groupId } as const;
  const text = `${target}: ${now.groupId ?? 'no group'} → this group`;
  const isServing = now.groupId !== null && servesAt(seen, { kind: 'vserver-group', groupId: now.groupId });
  return { target, text, step, waitsFor: waitOf(input, target, isServing) };
}

interface RuleNow {
  readonly ruleId: string;
  readonly groupId: string | null;
}

function ruleById(groups: ReadonlyArray<ListedGroup>, ruleId: string): RuleNow | null {
  const group = groups.find(({ rules }) => rules.some((rule) => rule.ruleId === ruleId));
  return group === undefined ? null : { ruleId, groupId: group.groupId };
}

function ruleAt(
  { seen, binding }: Input,
  { listener, domain, url }: Extract<GroupRule, { kind: 'place' }>,
  held: Array<DeclarationHold>,
): RuleNow | 'held' | null {
  const isHere = ({ protocol, port }: GroupListener) =>
    protocol === listener.protocol && port === listener.port;
  if (!seen.listeners.some(isHere)) {
    const target = groupListenerName(listener);
    const reason = `${binding.loadBalancerId} has no listener ${target}, so it has no rule for ${domain}${url}`;
    held.push({ by: 'rule', reason });
    return 'held';
  }
  return (
    seen.rules.find((rule) => isHere(rule.listener) && rule.domain === domain && rule.url === url) ?? null
  );
}

/** What gets requests now must not be exchanged for what cannot take them. */
function waitOf({ binding, serving }: Input, target: string, isServing: boolean): string | null {
  const { minInService } = binding.guards;
  if (!isServing || serving >= minInService) return null;
  return `${minInService - serving} more of its servers to serve before ${target} is pointed at it`;
}

function servesAt({ groups, defaultCount }: Input['seen'], target: ListedListener['target']): boolean {
  if (target.kind === 'default') return defaultCount > 0;
  if (target.kind === 'pair') return true;
  return groups.find(({ groupId }) => groupId === target.groupId)?.serverCount !== 0;
}

/** 1 to 40 characters for SLB, and unlike the name of any other rule of the listener. */
function ruleNameOf(binding: string, place: Extract<GroupRule, { kind: 'place' }>): string {
  return `${binding.slice(0, 30)}-${canonicalHash([place.domain, place.url]).slice(0, 8)}`;
}
