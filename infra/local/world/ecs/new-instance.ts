import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import { DEFAULT_VPC_ID, type Instance, type SpotStrategy, type Tag } from './instance.ts';

/** What RunInstances is given; whatever is left out has a default in this world. */
export interface RunInstancesInput {
  /** 1–100. */
  readonly amount: number;
  readonly tags?: ReadonlyArray<Tag> | undefined;
  /** `web-[1,3]` numbers them web-001, web-002, …; default: the instance's id. */
  readonly instanceName?: string | undefined;
  /** Adds 001, 002, … to a name without brackets. */
  readonly uniqueSuffix?: boolean | undefined;
  readonly imageId?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly zoneId?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly vSwitchId?: string | undefined;
  readonly securityGroupIds?: ReadonlyArray<string> | undefined;
  /** Default `NoSpot`. */
  readonly spotStrategy?: string | undefined;
  /** A repeated call with the token answers the first one's ids. */
  readonly clientToken?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /** Their ids, for scenes that name them before they are there; no API has this. */
  readonly instanceIds?: ReadonlyArray<string> | undefined;
}

/** One of the instances of a RunInstances call, Pending from now on. */
export function newInstance(
  foundation: Pick<Foundation, 'clock' | 'ids' | 'region'>,
  input: RunInstancesInput,
  place: {
    /** Among those of the call, from 0. */
    readonly index: number;
    readonly sequence: number;
    readonly spotStrategy: SpotStrategy;
    readonly steps: Instance['steps'];
    readonly isTaken: (instanceId: string) => boolean;
  },
): Instance {
  const { index, sequence, spotStrategy, steps, isTaken } = place;
  const instanceId = input.instanceIds?.[index] ?? freshId(foundation, 'i', isTaken);
  const nowMs = foundation.clock.nowMs();
  return {
    instanceId,
    instanceName: nameOf(input, index) ?? instanceId,
    status: 'Pending',
    tags: withoutRepeatedKeys(input.tags ?? []),
    imageId: input.imageId ?? 'm-bp1local000000000001',
    instanceType: input.instanceType ?? 'ecs.g7.large',
    vpcId: input.vpcId ?? DEFAULT_VPC_ID,
    vSwitchId: input.vSwitchId ?? 'vsw-bp1local0000000000001',
    zoneId: input.zoneId ?? `${foundation.region}-h`,
    securityGroupIds: input.securityGroupIds ?? ['sg-bp1local00000000000001'],
    privateIpAddress: `172.${16 + ((sequence >> 16) & 15)}.${(sequence >> 8) & 255}.${sequence & 255}`,
    networkInterfaceId: `eni-${instanceId.slice(2)}`,
    ...(spotStrategy === 'NoSpot' ? {} : { spotStrategy }),
    createdAtMs: nowMs,
    startedAtMs: null,
    sequence,
    steps,
    history: [{ status: 'Pending', atMs: nowMs }],
  };
}

/** The last value given for a key counts; its first place is kept. */
export function withoutRepeatedKeys(tags: ReadonlyArray<Tag>): ReadonlyArray<Tag> {
  const values = new Map(tags.map((tag) => [tag.key, tag.value]));
  return [...values].map(([key, value]) => ({ key, value }));
}

function nameOf({ instanceName, uniqueSuffix, amount }: RunInstancesInput, index: number): string | null {
  if (instanceName === undefined) return null;
  const [, prefix, begin, bits, suffix] = /^(.*)\[(\d{0,6}),(\d?)\](.*)$/.exec(instanceName) ?? [];
  if (prefix !== undefined && suffix !== undefined) {
    const number = String(Number(begin || 0) + index).padStart(Number(bits || 6), '0');
    return `${prefix}${number}${suffix}`;
  }
  return uniqueSuffix && amount > 1 ? `${instanceName}${String(index + 1).padStart(3, '0')}` : instanceName;
}
