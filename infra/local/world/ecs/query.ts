import { INSTANCE_STATUSES, type Instance, type InstanceStatus } from './instance.ts';
import { ecsRefusals } from './refusals.ts';

/** What DescribeInstances selects; a field left out does not filter. */
export interface InstanceQuery {
  /** At most 100; empty selects nothing. Unknown ids are left out of the answer. */
  readonly instanceIds?: ReadonlyArray<string> | undefined;
  readonly instanceName?: string | undefined;
  readonly status?: string | undefined;
  /** All must match; without a value the key alone must be there. At most 20. */
  readonly tags?:
    | ReadonlyArray<{ readonly key?: string | undefined; readonly value?: string | undefined }>
    | undefined;
  readonly vpcId?: string | undefined;
  readonly vSwitchId?: string | undefined;
  readonly zoneId?: string | undefined;
  /** One of `LOCK_REASONS`. */
  readonly lockReason?: string | undefined;
  readonly privateIpAddresses?: ReadonlyArray<string> | undefined;
  /** 1–100, default 10. */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  /** Legacy paging, from 1; used when it or `pageSize` is given and no `maxResults` or `nextToken` is. */
  readonly pageNumber?: number | undefined;
  /** 1–100, default 10. */
  readonly pageSize?: number | undefined;
}

/** An instance with the status that the read sees. */
export interface VisibleInstance extends Instance {
  readonly status: InstanceStatus;
}

/** One page of an answer, in order of creation. */
export interface InstancePage {
  readonly instances: ReadonlyArray<VisibleInstance>;
  readonly totalCount: number;
  readonly pageNumber: number;
  readonly pageSize: number;
  /** Empty at the end. */
  readonly nextToken: string;
}

/** An answer without instances, as a caller without permission gets. */
export const EMPTY_PAGE: InstancePage = {
  instances: [],
  totalCount: 0,
  pageNumber: 1,
  pageSize: 10,
  nextToken: '',
};

const IDS_MAX = 100;
const TAGS_MAX = 20;
const PAGE_SIZE_MAX = 100;
// Documented: a query by tags sees no more resources than this, and does not say so.
const TAG_QUERY_SEES_MAX = 1_000;

/**
 * What DescribeInstances answers for `instances`, in order of creation, as they were at `seenAtMs`. Those that the query
 * does not name may be left out of them.
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
 */
export function describeInstances(
  instances: Iterable<Instance>,
  query: InstanceQuery,
  seenAtMs: number,
): InstancePage {
  check(query);
  const selected: Array<VisibleInstance> = [];
  const ids = query.instanceIds === undefined ? null : new Set(query.instanceIds);
  for (const instance of instances) {
    if (ids !== null && !ids.has(instance.instanceId)) continue;
    const visible = asSeenAt(instance, seenAtMs);
    if (visible !== null && matches(visible, query)) selected.push(visible);
  }
  const isTagQuery = query.tags !== undefined && query.tags.length > 0;
  return page(isTagQuery ? selected.slice(0, TAG_QUERY_SEES_MAX) : selected, query);
}

function check(query: InstanceQuery): void {
  if ((query.instanceIds?.length ?? 0) > IDS_MAX) throw ecsRefusals.malformedInstanceIds();
  if (query.status !== undefined && !INSTANCE_STATUSES.some((status) => status === query.status)) {
    throw ecsRefusals.statusNotFound();
  }
  if ((query.tags?.length ?? 0) > TAGS_MAX) throw ecsRefusals.tooManyTags();
  if (query.tags?.some((tag) => tag.key === undefined)) throw ecsRefusals.tagMismatch();
  for (const name of ['maxResults', 'pageSize'] as const) {
    const size = query[name];
    if (size !== undefined && (size < 1 || size > PAGE_SIZE_MAX)) {
      throw ecsRefusals.invalidParameter(name === 'maxResults' ? 'MaxResults' : 'PageSize');
    }
  }
  if (query.pageNumber !== undefined && query.pageNumber < 1)
    throw ecsRefusals.invalidParameter('PageNumber');
}

/** The instance with the status that it had at `seenAtMs`; `null` = it was not there. */
export function asSeenAt(instance: Instance, seenAtMs: number): VisibleInstance | null {
  const seen = instance.history.findLast((entry) => entry.atMs <= seenAtMs);
  if (seen === undefined || seen.status === 'Deleted') return null;
  if (seen.status === instance.status) return instance as VisibleInstance;
  return { ...instance, status: seen.status };
}

function matches(instance: VisibleInstance, query: InstanceQuery): boolean {
  const isOneOf = (wanted: ReadonlyArray<string> | undefined, found: string) =>
    wanted === undefined || wanted.includes(found);
  const is = (wanted: string | undefined, found: string) => wanted === undefined || wanted === found;
  return (
    isOneOf(query.privateIpAddresses, instance.privateIpAddress) &&
    is(query.status, instance.status) &&
    is(query.vpcId, instance.vpcId) &&
    is(query.vSwitchId, instance.vSwitchId) &&
    is(query.zoneId, instance.zoneId) &&
    (query.lockReason === undefined ||
      (instance.lockReasons ?? []).some((reason) => reason === query.lockReason)) &&
    (query.instanceName === undefined || isNamed(instance.instanceName, query.instanceName)) &&
    (query.tags ?? []).every((wanted) =>
      instance.tags.some(
        (tag) => tag.key === wanted.key && (wanted.value === undefined || wanted.value === tag.value),
      ),
    )
  );
}

/** `*` in the pattern stands for any run of characters. */
function isNamed(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

function page(selected: ReadonlyArray<VisibleInstance>, query: InstanceQuery): InstancePage {
  const totalCount = selected.length;
  const isTokenPaging = query.maxResults !== undefined || query.nextToken !== undefined;
  const size = (isTokenPaging ? query.maxResults : query.pageSize) ?? 10;
  const pageNumber = isTokenPaging ? 1 : (query.pageNumber ?? 1);
  // The token names the last instance given, not a count: what is created or released meanwhile shifts nothing.
  const after = query.nextToken === undefined ? 0 : readToken(query.nextToken);
  const rest = isTokenPaging
    ? selected.filter((instance) => instance.sequence > after)
    : selected.slice((pageNumber - 1) * size);
  const instances = rest.slice(0, size);
  const last = instances.at(-1);
  const nextToken = rest.length > size && last !== undefined ? writeToken(last.sequence) : '';
  return { instances, totalCount, pageNumber, pageSize: size, nextToken };
}

function writeToken(sequence: number): string {
  return Buffer.from(`after:${sequence}`).toString('hex');
}

function readToken(token: string): number {
  const [, sequence] = /^after:(\d{1,15})$/.exec(Buffer.from(token, 'hex').toString()) ?? [];
  if (sequence === undefined) throw ecsRefusals.invalidParameter('NextToken');
  return Number(sequence);
}
