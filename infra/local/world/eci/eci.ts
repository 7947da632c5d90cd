import { DEFAULT_VPC_ID, type Tag } from '../ecs/instance.ts';
import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import { freshId, type Operation } from '../operation.ts';

/** The states of a container group. One that was deleted is not shown. */
export const CONTAINER_GROUP_STATUSES = [
  'Scheduling',
  'ScheduleFailed',
  'Pending',
  'Running',
  'Restarting',
  'Updating',
  'Terminating',
  'Succeeded',
  'Failed',
  'Expired',
] as const;
/** @see CONTAINER_GROUP_STATUSES */
export type ContainerGroupStatus = (typeof CONTAINER_GROUP_STATUSES)[number];

/** A container group, which is what ECI calls its instances. */
export interface ContainerGroup {
  /** `eci-bp1…` */
  readonly containerGroupId: string;
  readonly containerGroupName: string;
  readonly status: ContainerGroupStatus;
  /** Since when. */
  readonly statusAtMs: number;
  readonly intranetIp: string;
  readonly vpcId: string;
  readonly tags: ReadonlyArray<Tag>;
  readonly createdAtMs: number;
  /** Order of creation in this world, from 1. */
  readonly sequence: number;
}

/** What puts a container group into the world. */
export interface ContainerGroupInput {
  readonly containerGroupId?: string | undefined;
  /** Default `Running`. */
  readonly status?: ContainerGroupStatus | undefined;
  readonly vpcId?: string | undefined;
  readonly tags?: ReadonlyArray<Tag> | undefined;
}

/** What DescribeContainerGroups selects; a field left out does not filter. */
export interface ContainerGroupQuery {
  /** At most 20. */
  readonly containerGroupIds?: ReadonlyArray<string> | undefined;
  readonly status?: string | undefined;
  readonly tags?: ReadonlyArray<{ readonly key: string; readonly value?: string | undefined }> | undefined;
  /** 1 to 20, the default. */
  readonly limit?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of DescribeContainerGroups. */
export interface ContainerGroupPage {
  readonly groups: ReadonlyArray<ContainerGroup>;
  readonly totalCount: number;
  /** Empty at the end. */
  readonly nextToken: string;
}

/** The ECI cloud of one world. Nothing in it happens by itself. Methods throw CloudError in ECI's words. */
export interface Eci {
  /** Its id. */
  create(input: ContainerGroupInput): string;
  /** Throws 404 `InvalidContainerGroupId.NotFound`. */
  change(
    containerGroupId: string,
    changes: Partial<Pick<ContainerGroup, 'status' | 'intranetIp' | 'tags'>>,
  ): void;
  delete(containerGroupId: string): void;
  /** `null` when unknown or deleted. */
  find(containerGroupId: string): ContainerGroup | null;
  /** The one that has the address; `null` = none has. */
  at(intranetIp: string): ContainerGroup | null;
  /** DescribeContainerGroups. */
  describe(query: ContainerGroupQuery): ContainerGroupPage;
}

const IDS_MAX = 20;
const LIMIT_MAX = 20;

/** The ECI cloud over the foundation's store. */
export function createEci({ clock, ids, store }: Pick<Foundation, 'clock' | 'ids' | 'store'>): Eci {
  const rows = store.collection<ContainerGroup>('eci/container-groups');
  let last = Math.max(0, ...[...rows.values()].map(({ sequence }) => sequence));
  return {
    find: (id) => rows.get(id) ?? null,
    at: (address) => [...rows.values()].find(({ intranetIp }) => intranetIp === address) ?? null,
    create({ containerGroupId, status = 'Running', vpcId = DEFAULT_VPC_ID, tags = [] }) {
      const id = containerGroupId ?? freshId({ ids }, 'eci', (taken) => rows.has(taken));
      const sequence = ++last;
      const nowMs = clock.nowMs();
      rows.set(id, {
        containerGroupId: id,
        containerGroupName: id,
        status,
        statusAtMs: nowMs,
        intranetIp: `10.128.${(sequence >> 8) & 255}.${sequence & 255}`,
        vpcId,
        tags,
        createdAtMs: nowMs,
        sequence,
      });
      return id;
    },
    change(id, changes) {
      const found = rows.get(id);
      if (found === undefined) {
        throw new CloudError(404, 'InvalidContainerGroupId.NotFound', 'The container group does not exist.');
      }
      const statusAtMs = changes.status === undefined ? found.statusAtMs : clock.nowMs();
      rows.set(id, { ...found, ...changes, statusAtMs });
    },
    delete: (id) => void rows.delete(id),
    describe: (query) => describeGroups([...rows.values()], query),
  };
}

/**
 * What DescribeContainerGroups answers.
 * @see https://www.alibabacloud.com/help/en/eci/developer-reference/api-eci-2018-08-08-describecontainergroups
 */
function describeGroups(all: ReadonlyArray<ContainerGroup>, query: ContainerGroupQuery): ContainerGroupPage {
  const { containerGroupIds, status, tags = [], limit = LIMIT_MAX, nextToken } = query;
  if ((containerGroupIds?.length ?? 0) > IDS_MAX) throw invalid('ContainerGroupIds');
  if (limit < 1 || limit > LIMIT_MAX) throw invalid('Limit');
  const selected = all.filter(
    (group) =>
      (containerGroupIds?.includes(group.containerGroupId) ?? true) &&
      (status === undefined || status === group.status) &&
      tags.every(({ key, value }) =>
        group.tags.some((tag) => tag.key === key && (value === undefined || value === tag.value)),
      ),
  );
  const [, from] = /^from-(\d{1,9})$/.exec(nextToken ?? 'from-0') ?? [];
  if (from === undefined) throw invalid('NextToken');
  const next = Number(from) + limit;
  return {
    groups: selected.slice(Number(from), next),
    totalCount: selected.length,
    nextToken: next < selected.length ? `from-${next}` : '',
  };
}

function invalid(name: string): CloudError {
  return new CloudError(400, 'InvalidParameter', `The specified parameter "${name}" is not valid.`);
}

/** ECI's operations by their names, each with the ARNs that RAM judges it on. */
export interface EciOperations {
  /** Documented: a caller without permission gets an empty list, not a refusal. */
  readonly DescribeContainerGroups: Operation<ContainerGroupQuery, ContainerGroupPage>;
}

/** The operations of one ECI cloud. */
export function eciOperations({ identities, region }: Foundation, eci: Eci): EciOperations {
  const arn = (id: string) => `acs:eci:${region}:${identities.accountId}:containergroup/${id}`;
  return {
    DescribeContainerGroups: {
      subject: () => null,
      resources: ({ containerGroupIds = [] }) =>
        containerGroupIds.length === 0 ? [arn('*')] : containerGroupIds.map(arn),
      run: eci.describe,
      whenDenied: () => ({ groups: [], totalCount: 0, nextToken: '' }),
    },
  };
}
