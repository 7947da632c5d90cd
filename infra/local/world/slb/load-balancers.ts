import { DEFAULT_VPC_ID } from '../ecs/instance.ts';
import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import type { DefaultServer, LoadBalancer, SlbTag } from './model.ts';
import { slbRefusals } from './refusals.ts';
import { hasTags, type TagFilter } from './tag-filter.ts';

/** What CreateLoadBalancer is given. */
export interface CreateLoadBalancerInput {
  /** 1–80 letters, digits and `-`, `/`, `.`, `_`; default: one from the time. */
  readonly loadBalancerName?: string | undefined;
  /** Default `internet`. */
  readonly addressType?: 'internet' | 'intranet' | undefined;
  readonly vpcId?: string | undefined;
  /** Makes it `intranet`. */
  readonly vSwitchId?: string | undefined;
  /** `slb.s0.share` = of shared performance. */
  readonly loadBalancerSpec?: string | undefined;
  readonly tags?: ReadonlyArray<SlbTag> | undefined;
}

/** What DescribeLoadBalancers selects; a field left out does not filter. */
export interface LoadBalancerQuery {
  /** At most 10. */
  readonly loadBalancerIds?: ReadonlyArray<string> | undefined;
  readonly loadBalancerName?: string | undefined;
  readonly loadBalancerStatus?: string | undefined;
  /** By default sees the default group alone: `slbServerIdFilterSeesVServerGroups`. */
  readonly serverId?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly vSwitchId?: string | undefined;
  readonly address?: string | undefined;
  readonly addressType?: string | undefined;
  readonly tags?: ReadonlyArray<TagFilter> | undefined;
  /** From 1. */
  readonly pageNumber?: number | undefined;
  /** 1–100, default 10. */
  readonly pageSize?: number | undefined;
}

/** One page of DescribeLoadBalancers. */
export interface LoadBalancerPage {
  readonly loadBalancers: ReadonlyArray<LoadBalancer>;
  readonly totalCount: number;
  readonly pageNumber: number;
  readonly pageSize: number;
}

/** The load balancers of the account in its region. */
export interface LoadBalancers {
  create(input: CreateLoadBalancerInput): LoadBalancer;
  /** Puts one with a given id into the world; one that is there already stays as it is. */
  seed(
    input: CreateLoadBalancerInput & {
      readonly loadBalancerId: string;
      readonly name?: string | undefined;
      readonly status?: LoadBalancer['loadBalancerStatus'] | undefined;
      readonly defaultServers?: ReadonlyArray<DefaultServer> | undefined;
    },
  ): LoadBalancer;
  find(loadBalancerId: string): LoadBalancer | null;
  /** Throws `InvalidLoadBalancerId.NotFound`. */
  get(loadBalancerId: string): LoadBalancer;
  /** As {@link LoadBalancers.get}; throws `LbStatusNotSupport` too when it is locked. */
  getForChange(loadBalancerId: string): LoadBalancer;
  all(): ReadonlyArray<LoadBalancer>;
  describe(query: LoadBalancerQuery): LoadBalancerPage;
}

// Vendor's quotas and limits, in the order of their pages.
const LOAD_BALANCERS_MAX = 60;
const IDS_MAX = 10;
const PAGE_SIZE_MAX = 100;
const NAME_PATTERN = /^[\p{L}\p{N}\-/._]{1,80}$/u;

/** `holds` says whether a group of the load balancer has the server. */
export function createLoadBalancers(
  foundation: Foundation,
  holds: (loadBalancerId: string, serverId: string) => boolean,
): LoadBalancers {
  const { clock, switches } = foundation;
  const rows = foundation.store.collection<LoadBalancer>('slb/load-balancers');

  const put = (loadBalancerId: string, input: CreateLoadBalancerInput): LoadBalancer => {
    const isPrivate = input.addressType === 'intranet' || input.vSwitchId !== undefined;
    const number = rows.size + 1;
    const created: LoadBalancer = {
      loadBalancerId,
      loadBalancerName: input.loadBalancerName ?? `auto_named_slb_${number}`,
      loadBalancerStatus: 'active',
      address: `${isPrivate ? '192.168' : '47.100'}.${(number >> 8) & 255}.${number & 255}`,
      addressType: isPrivate ? 'intranet' : 'internet',
      vpcId: isPrivate ? (input.vpcId ?? DEFAULT_VPC_ID) : null,
      vSwitchId: input.vSwitchId ?? null,
      ...(input.loadBalancerSpec === undefined ? {} : { loadBalancerSpec: input.loadBalancerSpec }),
      tags: input.tags ?? [],
      createdAtMs: clock.nowMs(),
    };
    rows.set(loadBalancerId, created);
    return created;
  };
  const find = (loadBalancerId: string) => rows.get(loadBalancerId) ?? null;
  const get = (loadBalancerId: string) => {
    const found = find(loadBalancerId);
    if (found === null) throw slbRefusals.loadBalancerNotFound(switches);
    return found;
  };

  return {
    find,
    get,
    all: () => [...rows.values()],
    getForChange(loadBalancerId) {
      const found = get(loadBalancerId);
      if (found.loadBalancerStatus === 'locked') throw slbRefusals.loadBalancerLocked();
      return found;
    },
    create(input) {
      if (input.loadBalancerName !== undefined && !NAME_PATTERN.test(input.loadBalancerName)) {
        throw slbRefusals.invalidParameter();
      }
      if (rows.size >= LOAD_BALANCERS_MAX) throw slbRefusals.tooManyLoadBalancers();
      return put(
        freshId(foundation, 'lb', (id) => rows.has(id)),
        input,
      );
    },
    seed({ loadBalancerId, name, status, defaultServers, ...input }) {
      const present = rows.get(loadBalancerId);
      if (present !== undefined) return present;
      const seeded = {
        ...put(loadBalancerId, { ...input, loadBalancerName: name ?? input.loadBalancerName }),
        loadBalancerStatus: status ?? 'active',
        ...(defaultServers === undefined ? {} : { defaultServers }),
      };
      rows.set(loadBalancerId, seeded);
      return seeded;
    },
    describe(query) {
      const { pageNumber = 1, pageSize = 10, loadBalancerIds } = query;
      if (pageNumber < 1 || pageSize < 1 || pageSize > PAGE_SIZE_MAX) throw slbRefusals.invalidParameter();
      if ((loadBalancerIds?.length ?? 0) > IDS_MAX) throw slbRefusals.invalidParameter();
      const seesServer = (row: LoadBalancer) =>
        query.serverId === undefined ||
        (row.defaultServers ?? []).some(({ serverId }) => serverId === query.serverId) ||
        (switches.slbServerIdFilterSeesVServerGroups && holds(row.loadBalancerId, query.serverId));
      const selected = [...rows.values()].filter((row) => matches(row, query) && seesServer(row));
      const first = (pageNumber - 1) * pageSize;
      return {
        loadBalancers: selected.slice(first, first + pageSize),
        totalCount: selected.length,
        pageNumber,
        pageSize,
      };
    },
  };
}

function matches(row: LoadBalancer, query: LoadBalancerQuery): boolean {
  const is = (wanted: string | undefined, found: string | null) => wanted === undefined || wanted === found;
  return (
    (query.loadBalancerIds === undefined || query.loadBalancerIds.includes(row.loadBalancerId)) &&
    is(query.loadBalancerName, row.loadBalancerName) &&
    is(query.loadBalancerStatus, row.loadBalancerStatus) &&
    is(query.vpcId, row.vpcId) &&
    is(query.vSwitchId, row.vSwitchId) &&
    is(query.address, row.address) &&
    is(query.addressType, row.addressType) &&
    hasTags(row, query.tags ?? [])
  );
}
