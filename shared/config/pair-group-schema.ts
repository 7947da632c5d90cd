import { integer, oneOf, section, text, YES_OR_NO } from './schema-parts.ts';
import { TagsSchema } from './tags.ts';

/** One of the two servers of a primary/secondary group. `type`: SLB takes more kinds of servers than what is kept here. */
const MemberSchema = section({
  server: text(/^i-[A-Za-z0-9-]{1,60}$/, 'the id of an ECS instance, i-…'),
  port: integer(1, 65_535),
  weight: integer(0, 100).optional(),
  type: oneOf(['ecs']).optional(),
});

/**
 * The primary/secondary group of a pair by declaration: one of each role.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-createmasterslaveservergroup
 */
export const PairGroupSchema = section({
  primary: MemberSchema,
  secondary: MemberSchema,
  tags: TagsSchema.optional(),
  adopt: YES_OR_NO.optional(),
});
