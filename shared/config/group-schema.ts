import { integer, list, section, text, YES_OR_NO } from './schema-parts.ts';
import { TagsSchema } from './tags.ts';

const LISTENER = 'a listener, such as http:80';
const RULE_LISTENER = 'an HTTP or HTTPS listener, such as http:80';

/** As SLB documents it for names of groups. */
const NAME = text(
  /^[A-Za-z0-9\-/._]{1,80}$/,
  'a name of 1 to 80 characters out of letters, digits, -, /, . and _',
);

const port = integer(1, 65_535);
const hasPort = (listener: string) =>
  port.safeParse(Number(listener.slice(listener.indexOf(':') + 1))).success;

/** One rule: by its id, or by where it stands. */
const RuleSchema = section({
  id: text(/^rule-[A-Za-z0-9-]{1,60}$/, 'the id of a forwarding rule, rule-…').optional(),
  listener: text(/^https?:[1-9][0-9]{0,4}$/, RULE_LISTENER)
    .refine(hasPort, { error: RULE_LISTENER })
    .optional(),
  domain: text(
    /^(?:\*\.)?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*(?:\.\*)?$/,
    'a domain, such as api.example.com or *.example.com',
  )
    .max(80, { error: 'a domain of at most 80 characters' })
    .optional(),
  url: text(/^\/[A-Za-z0-9\-/.%?#&=~_]{0,79}$/, 'a path of 1 to 80 characters that begins with /').optional(),
});

/**
 * A vServer group by declaration.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-createvservergroup
 */
export const GroupSchema = section({
  name: NAME,
  tags: TagsSchema.optional(),
  listeners: list(
    text(/^(?:tcp|udp|http|https):[1-9][0-9]{0,4}$/, LISTENER).refine(hasPort, { error: LISTENER }),
    50,
    'listeners',
  ).optional(),
  rules: list(RuleSchema, 100, 'rules').optional(),
  adopt: YES_OR_NO.optional(),
});
