import { z } from 'zod';
import type { SlbOperations } from '../../world/slb/operations.ts';
import { TAGGED_TYPES } from '../../world/slb/tags.ts';
import { nothing, rpcOperation } from './product.ts';
import { flag, tagsToMatch, tagsToSet, text } from './wire.ts';

/** SLB's calls about tags, as the wire has them: of groups and listeners, not of the vendor's other types. */
export function slbTagCalls(operations: SlbOperations) {
  const resourceType = z.enum(TAGGED_TYPES);
  const resources = { RegionId: text, ResourceType: resourceType, ResourceId: z.array(text) };
  return {
    TagResources: rpcOperation(operations.TagResources, {
      parameters: z.object({ ...resources, Tag: tagsToSet }).transform((wire) => ({
        resourceType: wire.ResourceType,
        resourceIds: wire.ResourceId,
        tags: wire.Tag,
      })),
      answer: nothing,
    }),
    UntagResources: rpcOperation(operations.UntagResources, {
      parameters: z
        .object({ ...resources, TagKey: z.array(text).optional(), All: flag.optional() })
        .transform((wire) => ({
          resourceType: wire.ResourceType,
          resourceIds: wire.ResourceId,
          tagKeys: wire.TagKey,
          isAll: wire.All,
        })),
      answer: nothing,
    }),
    ListTagResources: rpcOperation(operations.ListTagResources, {
      parameters: z
        .object({
          RegionId: text,
          ResourceType: resourceType,
          ResourceId: z.array(text).optional(),
          Tag: tagsToMatch.optional(),
          NextToken: text.optional(),
        })
        .transform((wire) => ({
          resourceType: wire.ResourceType,
          resourceIds: wire.ResourceId,
          tags: wire.Tag,
          nextToken: wire.NextToken,
        })),
      answer: ({ resourceTags, nextToken }) => ({
        TagResources: {
          TagResource: resourceTags.map((tag) => ({
            ResourceId: tag.resourceId,
            ResourceType: tag.resourceType,
            TagKey: tag.key,
            TagValue: tag.value,
          })),
        },
        NextToken: nextToken,
      }),
    }),
  };
}
