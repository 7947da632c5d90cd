import type { BackendType } from '../../../shared/config/binding.ts';
import type { Eci } from '../world/eci/eci.ts';
import type { Ecs } from '../world/ecs/ecs.ts';
import type { Tag } from '../world/ecs/instance.ts';

/** What can be a backend: an ECS instance, an address of a network interface, a container instance; as the world has it. */
export interface WorldServer {
  readonly serverId: string;
  /** `null` for ECS instances, which SLB knows by their ids alone. */
  readonly serverIp: string | null;
  readonly type: BackendType;
  readonly status: 'coming' | 'running' | 'out';
  /** Not one of the further addresses of a network interface. */
  readonly isPrimary: boolean;
  readonly tags: ReadonlyArray<Tag>;
  readonly instanceType: string | null;
  readonly zoneId: string | null;
}

/** The clouds that have servers. */
export interface ServerClouds {
  readonly ecs: Pick<Ecs, 'instances' | 'networkInterfaces'>;
  readonly eci: Pick<Eci, 'describe'>;
}

/** Everything that can be a backend, in a fixed order. */
export function serversOf(clouds: ServerClouds): ReadonlyArray<WorldServer> {
  return [...instancesOf(clouds), ...interfacesOf(clouds), ...containersOf(clouds)];
}

function instancesOf({ ecs }: ServerClouds): ReadonlyArray<WorldServer> {
  return ecs.instances().map(({ instanceId, status, tags, instanceType, zoneId }) => {
    const isComing = status === 'Pending' || status === 'Starting';
    return {
      serverId: instanceId,
      serverIp: null,
      type: 'ecs',
      status: status === 'Running' ? 'running' : isComing ? 'coming' : 'out',
      isPrimary: true,
      tags,
      instanceType,
      zoneId,
    };
  });
}

function interfacesOf({ ecs }: ServerClouds): ReadonlyArray<WorldServer> {
  const all = allPages((nextToken) => {
    const page = ecs.networkInterfaces.describe({ maxResults: 500, nextToken });
    return { items: page.interfaces, nextToken: page.nextToken };
  });
  return all.flatMap(({ networkInterfaceId, status, privateIpAddresses, tags, zoneId }) =>
    privateIpAddresses.map(
      (serverIp, index): WorldServer => ({
        serverId: networkInterfaceId,
        serverIp,
        type: 'eni',
        status: status === 'InUse' ? 'running' : status === 'Attaching' ? 'coming' : 'out',
        isPrimary: index === 0,
        tags,
        instanceType: null,
        zoneId,
      }),
    ),
  );
}

function containersOf({ eci }: ServerClouds): ReadonlyArray<WorldServer> {
  const all = allPages((nextToken) => {
    const page = eci.describe({ limit: 20, nextToken });
    return { items: page.groups, nextToken: page.nextToken };
  });
  return all.map(({ containerGroupId, status, intranetIp, tags }) => ({
    serverId: containerGroupId,
    serverIp: intranetIp,
    type: 'eci',
    status: status === 'Running' ? 'running' : COMING.has(status) ? 'coming' : 'out',
    isPrimary: true,
    tags,
    instanceType: null,
    zoneId: null,
  }));
}

const COMING: ReadonlySet<string> = new Set(['Scheduling', 'Pending']);

function allPages<T>(
  read: (nextToken: string | undefined) => {
    readonly items: ReadonlyArray<T>;
    readonly nextToken: string;
  },
): ReadonlyArray<T> {
  const found: Array<T> = [];
  let nextToken: string | undefined;
  do {
    const page = read(nextToken);
    found.push(...page.items);
    nextToken = page.nextToken === '' ? undefined : page.nextToken;
  } while (nextToken !== undefined);
  return found;
}
