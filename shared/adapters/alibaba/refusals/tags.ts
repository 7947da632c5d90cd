import { DEFECT, FORBIDDEN, type Meaning, meanings, quoted, REJECTED } from './model.ts';

const KEY =
  'SLB does not take the key of a tag; allowed are 1 to 64 characters that do not begin with aliyun or acs: and hold no http:// or https://';
const VALUE =
  'SLB does not take the value of a tag; allowed are up to 128 characters without http:// or https://';
const TOO_MANY = 'the resource would have more than 20 tags; take some off';
const NOT_OURS = 'the account may not change this tag; it is the system’s, or a tag policy forbids it';

/** About tags, of whichever resource. */
export const TAG_MEANINGS: ReadonlyArray<Meaning> = [
  ...quoted(REJECTED, {
    'InvalidParam.TagKey': KEY,
    'InvalidParam.TagValue': VALUE,
    'InvalidParameter.TagKey': KEY,
    'InvalidParameter.TagValue': VALUE,
    'SizeLimitExceeded.Tag': TOO_MANY,
  }),
  ...meanings(REJECTED, {
    'QuotaExceeded.Tag': TOO_MANY,
    'QuotaExceed.TagsPerResource': TOO_MANY,
    'NumberExceed.Tags': TOO_MANY,
    TagCountLimit: TOO_MANY,
    TagCreateCountLimit: TOO_MANY,
  }),
  ...meanings(FORBIDDEN, {
    'NoPermission.Operator': NOT_OURS,
    'NoPermission.SystemTag': NOT_OURS,
  }),
  ...meanings(DEFECT, {
    'MissingParam.TagKey': 'a tag without a key',
    'MissingParameter.TagKey': 'a tag without a key',
    'MissingParameter.Tags': 'a call about tags without a tag',
    'Duplicate.TagKey': 'the same key of a tag twice in one call',
    'NumberExceed.ResourceIds': 'more resources in one call than it takes, which is 20',
  }),
];
