import type * as z from 'zod';
import type { GroupSchema } from './group-schema.ts';
import { resolveTags, type Tag } from './tags.ts';

/** An entry `group` of a binding as the file has it. */
export type GroupEntry = z.infer<typeof GroupSchema>;

/** A vServer group that is written down instead of being named by its id. */
export interface GroupDeclaration {
  /** SLB's `VServerGroupName`: 1 to 80 of letters, digits, `-`, `/`, `.`, `_`. Names need not be unique for SLB, for us they are. */
  readonly name: string;
  /** Set on the group, beside ours; others stay. */
  readonly tags: ReadonlyArray<Tag>;
  /** The listeners that are to use it. */
  readonly listeners: ReadonlyArray<GroupListener>;
  /** The forwarding rules that are to use it. */
  readonly rules: ReadonlyArray<GroupRule>;
  /** Whether a group of that name that somebody else has made may become ours. */
  readonly adopt: boolean;
  /** Whether comparisons keep the group itself as declared, or only `autopilot apply` does. */
  readonly isManaged: boolean;
}

/** A listener of a load balancer; a port can have one of TCP and one of UDP. */
export interface GroupListener {
  readonly protocol: 'tcp' | 'udp' | 'http' | 'https';
  readonly port: number;
}

/** A forwarding rule of an HTTP or HTTPS listener. */
export type GroupRule =
  | { readonly kind: 'id'; readonly ruleId: string }
  | {
      readonly kind: 'place';
      readonly listener: GroupListener;
      /** `''` = any. */
      readonly domain: string;
      /** `''` = any; begins with `/` otherwise. */
      readonly url: string;
    };

/** The declaration in an entry; cross-checks have seen to it that each rule says which one it is. */
export function resolveGroup(entry: GroupEntry, manage: 'members' | 'group'): GroupDeclaration {
  return {
    name: entry.name,
    tags: resolveTags(entry.tags),
    listeners: (entry.listeners ?? []).map(readListener),
    rules: (entry.rules ?? []).map(({ id, listener = '', domain = '', url = '' }) =>
      id === undefined
        ? { kind: 'place', listener: readListener(listener), domain, url }
        : { kind: 'id', ruleId: id },
    ),
    adopt: entry.adopt ?? false,
    isManaged: manage === 'group',
  };
}

/** `http:80` */
export function groupListenerName({ protocol, port }: GroupListener): string {
  return `${protocol}:${port}`;
}

/** A rule for people: `rule-…`, or `http:80 api.example.com/v1`. */
export function groupRuleName(rule: GroupRule): string {
  if (rule.kind === 'id') return rule.ruleId;
  return `${groupListenerName(rule.listener)} ${rule.domain}${rule.url}`;
}

const UNKNOWN_PREFIX = 'declared/';

/** Stands for the id of a declared group that nobody has found or made yet. No group of SLB is called so. */
export function unknownGroupId(bindingName: string): string {
  return `${UNKNOWN_PREFIX}${bindingName}`;
}

/** Whether it only stands for a group's id: there is nothing to ask SLB about. */
export function isUnknownGroupId(vServerGroupId: string): boolean {
  return vServerGroupId.startsWith(UNKNOWN_PREFIX);
}

function readListener(text: string): GroupListener {
  const [protocol = '', port] = text.split(':');
  return { protocol: protocol as GroupListener['protocol'], port: Number(port) };
}
