import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import { DEFAULT_VPC_ID, type Instance, type Tag } from './instance.ts';
import { ecsRefusals } from './refusals.ts';

/** What DescribeNetworkInterfaces can show of an interface's state. */
export const INTERFACE_STATUSES = ['Available', 'Attaching', 'InUse', 'Detaching', 'Deleting'] as const;
/** @see INTERFACE_STATUSES */
export type InterfaceStatus = (typeof INTERFACE_STATUSES)[number];

/** A network interface as the world keeps it. */
export interface NetworkInterface {
  /** `eni-bp1…` */
  readonly networkInterfaceId: string;
  readonly type: 'Primary' | 'Secondary';
  readonly status: InterfaceStatus;
  /** Whose it is; `null` = it is not attached. */
  readonly instanceId: string | null;
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly zoneId: string;
  /** The primary one first; never empty. */
  readonly privateIpAddresses: ReadonlyArray<string>;
  readonly tags: ReadonlyArray<Tag>;
  /** Order in this world: those of instances first. */
  readonly sequence: number;
}

/** What puts an interface into the world. */
export interface NetworkInterfaceInput {
  readonly networkInterfaceId?: string | undefined;
  /** Default `InUse` with an instance, else `Available`. */
  readonly status?: InterfaceStatus | undefined;
  readonly instanceId?: string | undefined;
  readonly vpcId?: string | undefined;
  /** At most 20; default: one. */
  readonly addresses?: number | undefined;
  readonly tags?: ReadonlyArray<Tag> | undefined;
}

/** What DescribeNetworkInterfaces selects; a field left out does not filter. */
export interface NetworkInterfaceQuery {
  /** At most 100. */
  readonly networkInterfaceIds?: ReadonlyArray<string> | undefined;
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly vpcId?: string | undefined;
  /** At most 20; an interface must have all of them. */
  readonly tags?: ReadonlyArray<{ readonly key: string; readonly value?: string | undefined }> | undefined;
  /** 10 to 500: what is smaller or larger counts as the bound. Default 10. */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of DescribeNetworkInterfaces. */
export interface NetworkInterfacePage {
  readonly interfaces: ReadonlyArray<NetworkInterface>;
  /** Empty at the end. */
  readonly nextToken: string;
}

/** What a caller without permission gets. */
export const EMPTY_INTERFACE_PAGE: NetworkInterfacePage = { interfaces: [], nextToken: '' };

/** The network interfaces of one world: the primary one of each instance, and those that are put there. */
export interface NetworkInterfaces {
  /** Its id. Nothing about it happens by itself. */
  create(input: NetworkInterfaceInput): string;
  /** Changes what is given. Throws `InvalidEcsId.NotFound` when there is none with the id, or it is an instance's primary one. */
  change(
    networkInterfaceId: string,
    changes: Partial<Pick<NetworkInterface, 'status' | 'instanceId' | 'privateIpAddresses' | 'tags'>>,
  ): void;
  /** It is gone, and shown no more. */
  delete(networkInterfaceId: string): void;
  /** `null` when unknown or deleted. */
  find(networkInterfaceId: string): NetworkInterface | null;
  /** The one that has the address; `null` = none has. */
  at(privateIpAddress: string): NetworkInterface | null;
  /** DescribeNetworkInterfaces. */
  describe(query: NetworkInterfaceQuery): NetworkInterfacePage;
}

const IDS_MAX = 100;
const TAGS_MAX = 20;
const PAGE_SIZE = { min: 10, max: 500 } as const;
/** Documented: a query by tags sees no more interfaces than this, and does not say so. */
const TAG_QUERY_SEES_MAX = 1_000;

/** The interfaces over the foundation's store; `living` are the instances that are not released. */
export function createNetworkInterfaces(
  foundation: Pick<Foundation, 'ids' | 'store' | 'region'>,
  living: () => ReadonlyArray<Instance>,
): NetworkInterfaces {
  const rows = foundation.store.collection<NetworkInterface>('ecs/network-interfaces');
  let last = Math.max(0, ...[...rows.values()].map(({ sequence }) => sequence));
  const all = () => [...living().map(primaryOf), ...rows.values()];
  const find: NetworkInterfaces['find'] = (id) =>
    rows.get(id) ?? all().find(({ networkInterfaceId }) => networkInterfaceId === id) ?? null;
  return {
    find,
    at: (address) => all().find(({ privateIpAddresses }) => privateIpAddresses.includes(address)) ?? null,
    create(input) {
      const id = input.networkInterfaceId ?? freshId(foundation, 'eni', (taken) => find(taken) !== null);
      const sequence = ++last;
      rows.set(id, {
        networkInterfaceId: id,
        type: 'Secondary',
        status: input.status ?? (input.instanceId === undefined ? 'Available' : 'InUse'),
        instanceId: input.instanceId ?? null,
        vpcId: input.vpcId ?? DEFAULT_VPC_ID,
        vSwitchId: 'vsw-bp1local0000000000001',
        zoneId: `${foundation.region}-h`,
        privateIpAddresses: Array.from(
          { length: input.addresses ?? 1 },
          (_, index) => `10.${(sequence >> 8) & 255}.${sequence & 255}.${index + 1}`,
        ),
        tags: input.tags ?? [],
        sequence,
      });
      return id;
    },
    change(id, changes) {
      const found = rows.get(id);
      if (found === undefined) throw ecsRefusals.instanceNotFound();
      rows.set(id, { ...found, ...changes });
    },
    delete: (id) => void rows.delete(id),
    describe: (query) => describeInterfaces(all(), query),
  };
}

function primaryOf(instance: Instance): NetworkInterface {
  return {
    networkInterfaceId: instance.networkInterfaceId,
    type: 'Primary',
    status: 'InUse',
    instanceId: instance.instanceId,
    vpcId: instance.vpcId,
    vSwitchId: instance.vSwitchId,
    zoneId: instance.zoneId,
    privateIpAddresses: [instance.privateIpAddress],
    tags: [],
    sequence: 0,
  };
}

/**
 * What DescribeNetworkInterfaces answers.
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describenetworkinterfaces
 */
function describeInterfaces(
  all: ReadonlyArray<NetworkInterface>,
  query: NetworkInterfaceQuery,
): NetworkInterfacePage {
  if ((query.networkInterfaceIds?.length ?? 0) > IDS_MAX) {
    throw ecsRefusals.invalidParameter('NetworkInterfaceId');
  }
  if ((query.tags?.length ?? 0) > TAGS_MAX) throw ecsRefusals.tooManyTags();
  const is = (wanted: string | undefined, found: string | null) => wanted === undefined || wanted === found;
  const found = all.filter(
    (each) =>
      (query.networkInterfaceIds?.includes(each.networkInterfaceId) ?? true) &&
      is(query.status, each.status) &&
      is(query.type, each.type) &&
      is(query.instanceId, each.instanceId) &&
      is(query.vpcId, each.vpcId) &&
      (query.tags ?? []).every(({ key, value }) =>
        each.tags.some((tag) => tag.key === key && (value === undefined || value === tag.value)),
      ),
  );
  const selected = (query.tags?.length ?? 0) > 0 ? found.slice(0, TAG_QUERY_SEES_MAX) : found;
  const size = Math.min(PAGE_SIZE.max, Math.max(PAGE_SIZE.min, query.maxResults ?? PAGE_SIZE.min));
  const [, from = '0'] = /^from:(\d{1,9})$/.exec(query.nextToken ?? 'from:0') ?? [];
  const next = Number(from) + size;
  return {
    interfaces: selected.slice(Number(from), next),
    nextToken: next < selected.length ? `from:${next}` : '',
  };
}
