import type { GroupStore } from './group-store.ts';
import type { Listeners } from './listeners.ts';
import type { LoadBalancers } from './load-balancers.ts';
import type { MasterSlaveStore } from './master-slave-store.ts';
import { LISTENER_PROTOCOLS, listenerKey, type SlbTag } from './model.ts';
import { slbRefusals } from './refusals.ts';
import { hasTags, type TagFilter } from './tag-filter.ts';
import { checkTags, TAGS_MAX } from './tag-rules.ts';

/** What can be tagged in this world, of the vendor's six types. */
export const TAGGED_TYPES = ['vservergroup', 'masterslaveservergroup', 'listener'] as const;
/** @see TAGGED_TYPES */
export type TaggedType = (typeof TAGGED_TYPES)[number];

/** Resources of one type, at most 20. A listener's id is `{load balancer}_{protocol}_{port}`. */
export interface TaggedResources {
  readonly resourceType: TaggedType;
  readonly resourceIds: ReadonlyArray<string>;
}

/** One tag of one resource. */
export interface ResourceTag extends SlbTag {
  readonly resourceType: TaggedType;
  readonly resourceId: string;
}

/** What ListTagResources selects: by ids, by tags that the resource has all of, or by both. */
export interface ResourceTagQuery {
  readonly resourceType: TaggedType;
  readonly resourceIds?: ReadonlyArray<string> | undefined;
  readonly tags?: ReadonlyArray<TagFilter> | undefined;
  readonly nextToken?: string | undefined;
}

/** The tags of groups and listeners. A write throws CloudError in SLB's words and then has changed nothing. */
export interface Tags {
  /** A key that is there already gets the new value. */
  tag(input: TaggedResources & { readonly tags: ReadonlyArray<SlbTag> }): void;
  /** Takes the keys off, or all of them; keys that are not there are ignored. */
  untag(
    input: TaggedResources & {
      readonly tagKeys?: ReadonlyArray<string> | undefined;
      readonly isAll?: boolean | undefined;
    },
  ): void;
  /** All tags of what was selected, by resource; `nextToken` empty = the end. Unknown ids have no tags. */
  list(query: ResourceTagQuery): {
    readonly resourceTags: ReadonlyArray<ResourceTag>;
    readonly nextToken: string;
  };
  /** The load balancer that a resource belongs to; `null` = no such resource. */
  loadBalancerOf(resourceType: TaggedType, resourceId: string): string | null;
}

interface Tagged {
  readonly resourceId: string;
  readonly loadBalancerId: string;
  readonly tags: ReadonlyArray<SlbTag>;
  put(tags: ReadonlyArray<SlbTag>): void;
}

const PAGE_SIZE = 50;

/** The tags, which are kept with what they belong to. */
export function createTags(deps: {
  readonly groups: GroupStore;
  readonly pairs: MasterSlaveStore;
  readonly listeners: Listeners;
  readonly loadBalancers: LoadBalancers;
}): Tags {
  const { groups, pairs, listeners, loadBalancers } = deps;

  const all = (resourceType: TaggedType): ReadonlyArray<Tagged> => {
    switch (resourceType) {
      case 'vservergroup':
        return groups.all().map((group) => ({
          ...group,
          resourceId: group.vServerGroupId,
          put: (tags) => groups.put({ ...group, tags }),
        }));
      case 'masterslaveservergroup':
        return pairs.all().map((pair) => ({
          ...pair,
          resourceId: pair.masterSlaveServerGroupId,
          put: (tags) => pairs.put({ ...pair, tags }),
        }));
      case 'listener':
        return loadBalancers.all().flatMap(({ loadBalancerId }) =>
          listeners.of(loadBalancerId).map((listener) => ({
            ...listener,
            resourceId: listenerKey(listener),
            put: (tags: ReadonlyArray<SlbTag>) => listeners.retag(listener, tags),
          })),
        );
    }
  };
  const find = (resourceType: TaggedType, resourceId: string) =>
    all(resourceType).find((resource) => resource.resourceId === resourceId) ?? null;
  const getForChange = ({ resourceType, resourceIds }: TaggedResources): ReadonlyArray<Tagged> => {
    if (resourceIds.length === 0 || resourceIds.length > TAGS_MAX) throw slbRefusals.invalidParameter();
    return resourceIds.map((resourceId) => {
      const resource = find(resourceType, resourceId);
      if (resource === null) throw slbRefusals.resourceNotFound();
      loadBalancers.getForChange(resource.loadBalancerId);
      return resource;
    });
  };

  return {
    loadBalancerOf: (resourceType, resourceId) =>
      find(resourceType, resourceId)?.loadBalancerId ?? loadBalancerInKey(resourceType, resourceId),
    tag({ tags, ...resources }) {
      if (tags.length === 0) throw slbRefusals.missingTagKey();
      checkTags(tags);
      const added = new Map(tags.map(({ key, value }) => [key, value]));
      const changed = getForChange(resources).map((resource) => {
        const merged = new Map([...resource.tags.map(({ key, value }) => [key, value] as const), ...added]);
        if (merged.size > TAGS_MAX) throw slbRefusals.tooManyTags();
        return { resource, merged: [...merged].map(([key, value]) => ({ key, value })) };
      });
      for (const { resource, merged } of changed) resource.put(merged);
    },
    untag({ tagKeys = [], isAll = false, ...resources }) {
      if (tagKeys.length === 0 && !isAll) throw slbRefusals.missingTagKey();
      if (tagKeys.length > TAGS_MAX) throw slbRefusals.tooManyTags();
      for (const resource of getForChange(resources)) {
        // `All` counts only where no keys are given.
        const stays = (tag: SlbTag) => tagKeys.length > 0 && !tagKeys.includes(tag.key);
        resource.put(resource.tags.filter(stays));
      }
    },
    list({ resourceType, resourceIds = [], tags = [], nextToken }) {
      if (resourceIds.length === 0 && tags.length === 0) throw slbRefusals.missingParameter('ResourceId');
      if (resourceIds.length > TAGS_MAX || tags.length > TAGS_MAX) throw slbRefusals.invalidParameter();
      const selected = all(resourceType)
        .filter(({ resourceId }) => resourceIds.length === 0 || resourceIds.includes(resourceId))
        .filter((resource) => hasTags(resource, tags))
        .flatMap((resource) =>
          resource.tags.map((tag) => ({ resourceType, resourceId: resource.resourceId, ...tag })),
        );
      const from = nextToken === undefined ? 0 : Number(nextToken);
      if (!Number.isSafeInteger(from) || from < 0) throw slbRefusals.invalidParameter();
      const to = from + PAGE_SIZE;
      return {
        resourceTags: selected.slice(from, to),
        nextToken: to < selected.length ? String(to) : '',
      };
    },
  };
}

/** The id of a listener names its load balancer, also when there is no such listener. */
function loadBalancerInKey(resourceType: TaggedType, resourceId: string): string | null {
  if (resourceType !== 'listener') return null;
  const pattern = new RegExp(`^(.+)_(${LISTENER_PROTOCOLS.join('|')})_\\d+$`);
  return pattern.exec(resourceId)?.[1] ?? null;
}
