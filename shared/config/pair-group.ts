import type * as z from 'zod';
import type { PairGroupSchema } from './pair-group-schema.ts';
import { resolveTags, type Tag } from './tags.ts';

/** An entry `group` of a pair as the file has it. */
export type PairGroupEntry = z.infer<typeof PairGroupSchema>;

/** One of the two servers that a pair is to begin with. */
export interface DeclaredMember {
  /** `i-…` */
  readonly serverId: string;
  readonly port: number;
  /** 0–100. */
  readonly weight: number;
}

/** The group that a pair is to begin with. Promotions change who is who; that is not taken back. */
export interface PairGroupDeclaration {
  readonly primary: DeclaredMember;
  /** Another server, or another port of the same. */
  readonly secondary: DeclaredMember;
  /** Set on every group of the pair, beside ours; tags of others stay. */
  readonly tags: ReadonlyArray<Tag>;
  /** Whether ticks and sweeps make it so by themselves, or only `autopilot apply` does. */
  readonly isManaged: boolean;
  /**
   * Whether what somebody else has made gives way: a primary/secondary group that the listeners use, or one of our name,
   * becomes the pair's, and a vServer group or servers of the default group lose the listeners.
   */
  readonly adopt: boolean;
}

/** The declaration in an entry; cross-checks have seen to it that its two members differ. */
export function resolvePairGroup(entry: PairGroupEntry, manage: 'members' | 'group'): PairGroupDeclaration {
  return {
    primary: resolveMember(entry.primary),
    secondary: resolveMember(entry.secondary),
    tags: resolveTags(entry.tags),
    isManaged: manage === 'group',
    adopt: entry.adopt ?? false,
  };
}

function resolveMember({ server, port, weight }: PairGroupEntry['primary']): DeclaredMember {
  return { serverId: server, port, weight: weight ?? 100 };
}
