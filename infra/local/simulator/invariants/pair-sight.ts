import { listenerName, type PairListenerName } from '../../../../shared/config/pair.ts';
import type { CallOutcome, WorkerCall } from '../play/calls.ts';
import type { PairMembersRecord } from '../play/tables.ts';
import { readMembers } from './pair-writes.ts';
import type { HealthAnswer } from './seen-health.ts';

/** One answer that a worker has heard, or, of an instance, has waited for in vain. */
export interface Look<Seen> {
  readonly sentAtMs: number;
  readonly seen: Seen;
}

/** A group in the list of its load balancer. */
export interface ListedGroup {
  readonly groupId: string;
  readonly name: string;
  /** `tcp:3306` */
  readonly users: ReadonlyArray<string>;
}

/** A listener as it was seen. */
export interface SeenListener {
  /** `null` = it does not exist, or has no primary/secondary group. */
  readonly groupId: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What one check has found. */
export interface SeenHealth {
  /** `tcp:3306` */
  readonly listener: string;
  readonly serverId: string;
  readonly port: number;
  readonly status: string;
}

/** An instance as ECS has shown it; what is left out stays as another answer has it. */
export interface SeenServer {
  /** `null` = not listed. */
  readonly status: string | null;
  readonly isRecycling: boolean;
}

/** What one worker has seen of pairs, by what it asked for; the newest last, nothing older than any decision. */
export interface Sight {
  /** By load balancer. */
  readonly groups: Looks<ReadonlyArray<ListedGroup>>;
  /** By load balancer and `tcp:3306`. */
  readonly listeners: Looks<SeenListener>;
  /** By group. */
  readonly members: Looks<PairMembersRecord>;
  /** By load balancer. */
  readonly health: Looks<ReadonlyArray<SeenHealth>>;
  /** By instance. */
  readonly servers: Looks<SeenServer>;
  /** By instance: types of its system events. */
  readonly events: Looks<ReadonlyArray<string>>;
  /** By `192.0.2.7:3306`: whether it answered. */
  readonly probes: Looks<boolean>;
}

const KEPT_MS = 60_000;

/** Answers by what was asked for. */
export class Looks<Seen> {
  readonly #byKey = new Map<string, Array<Look<Seen>>>();

  take(key: string, sentAtMs: number, seen: Seen): void {
    const looks = this.#byKey.get(key) ?? [];
    this.#byKey.set(key, looks);
    while ((looks[0]?.sentAtMs ?? sentAtMs) < sentAtMs - KEPT_MS) looks.shift();
    looks.push({ sentAtMs, seen });
  }

  /** Those that were asked for from then on, in the order in which they were heard. */
  since(key: string, sinceMs: number): ReadonlyArray<Look<Seen>> {
    return (this.#byKey.get(key) ?? []).filter(({ sentAtMs }) => sentAtMs >= sinceMs);
  }

  /**
   * The newest by when it was asked for, of those until then, and whatever was asked for at the same time, as far as that can
   * be told: a worker looks at several things at once, and nobody knows which of its lanes has heard what.
   */
  newest(key: string, untilMs: number): ReadonlyArray<Look<Seen>> {
    const looks = (this.#byKey.get(key) ?? []).filter(({ sentAtMs }) => sentAtMs <= untilMs);
    const newestMs = Math.max(...looks.map(({ sentAtMs }) => sentAtMs));
    return looks.filter(({ sentAtMs }) => sentAtMs >= newestMs - AT_ONCE_MS);
  }
}

const AT_ONCE_MS = 1_500;

/** Answers as far as they are read here. */
interface GroupsAnswer {
  readonly MasterSlaveServerGroups: {
    readonly MasterSlaveServerGroup: ReadonlyArray<{
      readonly MasterSlaveServerGroupId: string;
      readonly MasterSlaveServerGroupName: string;
      readonly AssociatedObjects: {
        readonly Listeners: {
          readonly Listener: ReadonlyArray<{ readonly Protocol: string; readonly Port: number }>;
        };
      };
    }>;
  };
}
interface GroupAnswer {
  readonly MasterSlaveBackendServers: {
    readonly MasterSlaveBackendServer: Parameters<typeof readMembers>[0];
  };
}
interface InstancesAnswer {
  readonly Instances: {
    readonly Instance: ReadonlyArray<{
      readonly InstanceId: string;
      readonly Status: string;
      readonly VpcAttributes?: { readonly PrivateIpAddress: { readonly IpAddress: ReadonlyArray<string> } };
      readonly OperationLocks?: {
        readonly LockReason: ReadonlyArray<{ readonly LockReason: string }>;
      };
    }>;
  };
}
interface FullStatusAnswer {
  readonly InstanceFullStatusSet: {
    readonly InstanceFullStatusType: ReadonlyArray<{
      readonly InstanceId: string;
      readonly ScheduledSystemEventSet: {
        readonly ScheduledSystemEventType: ReadonlyArray<{ readonly EventType: { readonly Name: string } }>;
      };
    }>;
  };
}

const LISTENER_READ = /^DescribeLoadBalancer(TCP|UDP)ListenerAttribute$/;

/** What all workers have seen of pairs. */
export class AllSight {
  readonly #workers = new Map<string, Sight>();
  readonly #addresses = new Map<string, string>();
  readonly #runningAtMs = new Map<string, number>();

  /** The private address of an instance, as any worker has ever seen it; `null` = none has. */
  addressOf(serverId: string): string | null {
    return this.#addresses.get(serverId) ?? null;
  }

  /** When the last look was sent that showed any worker that the instance runs; `-Infinity` = there was none. */
  runningAtMs(serverId: string): number {
    return this.#runningAtMs.get(serverId) ?? Number.NEGATIVE_INFINITY;
  }

  of(worker: string): Sight {
    let sight = this.#workers.get(worker);
    if (sight === undefined) {
      sight = {
        groups: new Looks(),
        listeners: new Looks(),
        members: new Looks(),
        health: new Looks(),
        servers: new Looks(),
        events: new Looks(),
        probes: new Looks(),
      };
      this.#workers.set(worker, sight);
    }
    return sight;
  }

  /** A question to an instance counts as refused until it is answered: nobody hears of a silence. */
  sent({ worker, travel, sentAtMs }: WorkerCall): void {
    if (travel.product === 'vpc') this.of(worker).probes.take(addressIn(travel.parameters), sentAtMs, false);
  }

  heard(call: WorkerCall, answer: CallOutcome): void {
    const { worker, travel, sentAtMs } = call;
    const sight = this.of(worker);
    const text = (name: string) => String((travel.parameters as Readonly<Record<string, unknown>>)[name]);
    if (travel.product === 'vpc') {
      if (answer.isOk && answer.body === true)
        sight.probes.take(addressIn(travel.parameters), sentAtMs, true);
      return;
    }
    if (!answer.isOk) {
      // That a group or a listener is gone is an answer like others.
      if (travel.action === 'DescribeMasterSlaveServerGroupAttribute') {
        sight.members.take(text('MasterSlaveServerGroupId'), sentAtMs, readMembers([]));
      }
      const [, gone] = LISTENER_READ.exec(travel.action) ?? [];
      const key = `${text('LoadBalancerId')} ${gone?.toLowerCase()}:${text('ListenerPort')}`;
      if (gone !== undefined) sight.listeners.take(key, sentAtMs, { groupId: null, settings: {} });
      return;
    }
    const { body } = answer;
    switch (travel.action) {
      case 'DescribeMasterSlaveServerGroups':
        sight.groups.take(text('LoadBalancerId'), sentAtMs, groupsIn(body as GroupsAnswer));
        return;
      case 'DescribeMasterSlaveServerGroupAttribute': {
        const { MasterSlaveBackendServers } = body as GroupAnswer;
        const members = readMembers(MasterSlaveBackendServers.MasterSlaveBackendServer);
        sight.members.take(text('MasterSlaveServerGroupId'), sentAtMs, members);
        return;
      }
      case 'DescribeHealthStatus':
        sight.health.take(text('LoadBalancerId'), sentAtMs, healthIn(body as HealthAnswer));
        return;
      case 'DescribeInstances':
        takeServers(sight, call, body as InstancesAnswer);
        this.#takeListed(sentAtMs, body as InstancesAnswer);
        return;
      case 'DescribeInstancesFullStatus':
        takeEvents(sight, sentAtMs, body as FullStatusAnswer);
        return;
      default: {
        const [, protocol] = LISTENER_READ.exec(travel.action) ?? [];
        if (protocol === undefined) return;
        const settings = body as Readonly<Record<string, unknown>>;
        const groupId = settings.MasterSlaveServerGroupId;
        const key = `${text('LoadBalancerId')} ${protocol.toLowerCase()}:${text('ListenerPort')}`;
        const seen = { groupId: typeof groupId === 'string' ? groupId : null, settings };
        sight.listeners.take(key, sentAtMs, seen);
      }
    }
  }

  #takeListed(sentAtMs: number, { Instances }: InstancesAnswer): void {
    for (const { InstanceId, Status, VpcAttributes } of Instances.Instance) {
      const lastMs = this.runningAtMs(InstanceId);
      if (Status === 'Running') this.#runningAtMs.set(InstanceId, Math.max(sentAtMs, lastMs));
      const [address] = VpcAttributes?.PrivateIpAddress.IpAddress ?? [];
      if (address !== undefined) this.#addresses.set(InstanceId, address);
    }
  }
}

/** The key of a listener in {@link Sight}. */
export function listenerKey(loadBalancerId: string, listener: PairListenerName): string {
  return `${loadBalancerId} ${listenerName(listener)}`;
}

function groupsIn({ MasterSlaveServerGroups }: GroupsAnswer): ReadonlyArray<ListedGroup> {
  return MasterSlaveServerGroups.MasterSlaveServerGroup.map((group) => ({
    groupId: group.MasterSlaveServerGroupId,
    name: group.MasterSlaveServerGroupName,
    users: group.AssociatedObjects.Listeners.Listener.map(({ Protocol, Port }) => `${Protocol}:${Port}`),
  }));
}

function healthIn({ BackendServers }: HealthAnswer): ReadonlyArray<SeenHealth> {
  return BackendServers.BackendServer.map(
    ({ Protocol, ListenerPort, ServerId, Port, ServerHealthStatus }) => ({
      listener: `${Protocol}:${ListenerPort}`,
      serverId: ServerId,
      port: Port,
      status: ServerHealthStatus,
    }),
  );
}

function takeServers(
  { servers }: Sight,
  { sentAtMs, travel }: WorkerCall,
  { Instances }: InstancesAnswer,
): void {
  const { InstanceIds = '[]' } = travel.parameters as { readonly InstanceIds?: string };
  const present = new Map(Instances.Instance.map((instance) => [instance.InstanceId, instance]));
  const ids = new Set([...(JSON.parse(InstanceIds) as ReadonlyArray<string>), ...present.keys()]);
  for (const id of ids) {
    const { Status = null, OperationLocks } = present.get(id) ?? {};
    const locks = OperationLocks?.LockReason.map(({ LockReason }) => LockReason) ?? [];
    servers.take(id, sentAtMs, { status: Status, isRecycling: locks.includes('Recycling') });
  }
}

function takeEvents({ events }: Sight, sentAtMs: number, { InstanceFullStatusSet }: FullStatusAnswer): void {
  for (const { InstanceId, ScheduledSystemEventSet } of InstanceFullStatusSet.InstanceFullStatusType) {
    const types = ScheduledSystemEventSet.ScheduledSystemEventType.map(({ EventType }) => EventType.Name);
    events.take(InstanceId, sentAtMs, types);
  }
}

function addressIn(parameters: unknown): string {
  const { privateIp, port } = parameters as { readonly privateIp: string; readonly port: number };
  return `${privateIp}:${port}`;
}
