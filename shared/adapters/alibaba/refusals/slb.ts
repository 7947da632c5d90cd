import { BACKEND_MEANINGS } from './backends.ts';
import { BUSY_MEANINGS } from './busy.ts';
import { GATEWAY_MEANINGS } from './gateway.ts';
import { GROUP_MEANINGS } from './groups.ts';
import { LISTENER_MEANINGS } from './listeners.ts';
import {
  CONFLICT,
  DEFECT,
  quoted,
  REJECTED,
  type RefusalTable,
  refusalTable,
  UNRECOGNISED,
} from './model.ts';
import { RULE_MEANINGS } from './rules.ts';
import { TAG_MEANINGS } from './tags.ts';

/** What SLB uses for many things; the meanings before these know the words of most. */
const LAST = [
  ...quoted(CONFLICT, { InvalidParameter: 'it exists by now' }, { words: /resource already exists/i }),
  ...quoted(REJECTED, {
    InvalidParameter:
      'SLB does not take one of the values of the call; compare the configuration with what its words say',
    InvalidParameterLength: 'SLB does not take the length of one of the values of the call',
    PARAMETER_FIELD_ERROR: 'SLB does not take one of the values of the call',
  }),
  ...quoted(DEFECT, {
    MissingParameter: 'a call without something that SLB needs',
    UnsupportedParameter: 'a parameter that SLB does not know',
    'InvalidAction.NotFound': 'an operation that SLB does not know',
    UnsupportedHTTPMethod: 'a call in a form that SLB does not know',
  }),
];

/**
 * Every refusal of SLB that is documented, with what is done about it and a sentence for people. The code counts before the
 * status, since statuses are used for anything; words count where a code is shared. What is not in it is tried a few times
 * and then held, in SLB's own words.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-errorcodes
 */
export const SLB_REFUSALS: RefusalTable = refusalTable(
  [
    ...BUSY_MEANINGS,
    ...GATEWAY_MEANINGS,
    ...GROUP_MEANINGS,
    ...LISTENER_MEANINGS,
    ...BACKEND_MEANINGS,
    ...RULE_MEANINGS,
    ...TAG_MEANINGS,
    ...LAST,
  ],
  UNRECOGNISED,
);
