import { type Listener, type ListenerProtocol, listenerKey } from './model.ts';
import { slbRefusals } from './refusals.ts';
import { hasTags, type TagFilter } from './tag-filter.ts';

/** What DescribeLoadBalancerListeners selects; a field left out does not filter. */
export interface ListenerQuery {
  /** At most 10. */
  readonly loadBalancerIds?: ReadonlyArray<string> | undefined;
  readonly listenerProtocol?: ListenerProtocol | undefined;
  readonly listenerPort?: number | undefined;
  readonly description?: string | undefined;
  readonly tags?: ReadonlyArray<TagFilter> | undefined;
  /** 1–100, default 20. */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of DescribeLoadBalancerListeners. */
export interface ListenerPage {
  readonly listeners: ReadonlyArray<Listener>;
  readonly totalCount: number;
  readonly maxResults: number;
  /** `null` at the end. */
  readonly nextToken: string | null;
}

const LOAD_BALANCER_IDS_MAX = 10;

/** The page of `all` that the query asks for. Throws `InvalidParameter` (400). */
export function listenerPage(all: ReadonlyArray<Listener>, query: ListenerQuery): ListenerPage {
  const { loadBalancerIds, maxResults = 20 } = query;
  if ((loadBalancerIds?.length ?? 0) > LOAD_BALANCER_IDS_MAX) throw slbRefusals.invalidParameter();
  if (maxResults < 1 || maxResults > 100) throw slbRefusals.invalidParameter();
  const selected = all.filter((row) => matches(row, query));
  const first =
    query.nextToken === undefined ? 0 : selected.findIndex((row) => tokenOf(row) === query.nextToken) + 1;
  if (first === 0 && query.nextToken !== undefined) throw slbRefusals.invalidParameter();
  const listeners = selected.slice(first, first + maxResults);
  const last = listeners.at(-1);
  const isEnd = first + maxResults >= selected.length || last === undefined;
  return { listeners, totalCount: selected.length, maxResults, nextToken: isEnd ? null : tokenOf(last) };
}

function tokenOf(listener: Listener): string {
  return Buffer.from(listenerKey(listener)).toString('hex');
}

function matches(row: Listener, query: ListenerQuery): boolean {
  return (
    (query.loadBalancerIds === undefined || query.loadBalancerIds.includes(row.loadBalancerId)) &&
    (query.listenerProtocol === undefined || query.listenerProtocol === row.listenerProtocol) &&
    (query.listenerPort === undefined || query.listenerPort === row.listenerPort) &&
    (query.description === undefined || query.description === row.description) &&
    hasTags(row, query.tags ?? [])
  );
}
