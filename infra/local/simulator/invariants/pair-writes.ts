import type { Config } from '../../../../shared/config/load.ts';
import { listenerName, type Pair, type PairListenerName } from '../../../../shared/config/pair.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { PairMembersRecord } from '../play/tables.ts';
import type { PairRecords } from './records.ts';

/** A write of ours about primary/secondary groups and the listeners in front of them. */
export type PairWrite =
  | {
      readonly kind: 'create';
      readonly loadBalancerId: string;
      readonly name: string;
      readonly members: PairMembersRecord;
    }
  | {
      readonly kind: 'point';
      readonly loadBalancerId: string;
      readonly listener: PairListenerName;
      /** `null` = it is to let go of its group. */
      readonly groupId: string | null;
      /** The other parameters, by the vendor's names. */
      readonly settings: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'delete'; readonly groupId: string };

const LISTENER_WRITE = /^SetLoadBalancer(TCP|UDP)ListenerAttribute$/;
/** Begins the names of all groups that are made for a pair; its number follows. */
const NAME_PREFIX = 'slb-autopilot/';

const known = new WeakMap<WorkerCall, PairWrite | null>();

/** The write about a pair that the call is; `null` = it is something else. */
export function pairWriteOf(call: WorkerCall): PairWrite | null {
  if (call.travel.product !== 'slb' || call.travel.action.startsWith('Describe')) return null;
  const found = known.get(call);
  if (found !== undefined) return found;
  const write = read(call);
  known.set(call, write);
  return write;
}

/** What the write is about, as a journal has it. */
export function targetOf(write: PairWrite): string {
  switch (write.kind) {
    case 'create':
      return write.name;
    case 'point':
      return `${listenerName(write.listener)} ${write.groupId ?? write.settings.VServerGroupId ?? 'default'}`;
    case 'delete':
      return write.groupId;
  }
}

/**
 * The pair that a write is about: by the name of the group, by the listener, or by the row that names the group; `null` =
 * none that is configured.
 */
export function pairOf(
  { pairs }: Pick<Config, 'pairs'>,
  records: Pick<PairRecords, 'find'>,
  write: PairWrite,
): Pair | null {
  switch (write.kind) {
    case 'create':
      return (
        pairs.find(
          (pair) => pair.loadBalancerId === write.loadBalancerId && numberOf(pair, write.name) !== null,
        ) ?? null
      );
    case 'point':
      return (
        pairs.find(
          ({ loadBalancerId, listeners }) =>
            loadBalancerId === write.loadBalancerId &&
            listeners.some((listener) => listenerName(listener) === listenerName(write.listener)),
        ) ?? null
      );
    case 'delete':
      return (
        pairs.find(({ name }) => {
          const { saga = null, leftovers = [], groupId = null } = records.find(name) ?? {};
          const named = [groupId, saga?.groupId, saga?.from?.groupId, saga?.inFlight?.target, ...leftovers];
          return named.includes(write.groupId);
        }) ?? null
      );
  }
}

/** The number in a name that groups of the pair have, `slb-autopilot/orders-db/3`; `null` = it is none of these. */
export function numberOf({ name }: Pick<Pair, 'name'>, groupName: string): number | null {
  const prefix = `${NAME_PREFIX}${name}/`;
  const rest = groupName.startsWith(prefix) ? groupName.slice(prefix.length) : '';
  return /^[1-9]\d*$/.test(rest) ? Number(rest) : null;
}

function read({ travel }: WorkerCall): PairWrite | null {
  const parameters = travel.parameters as Readonly<Record<string, unknown>>;
  const text = (name: string) => String(parameters[name] ?? '');
  if (travel.action === 'CreateMasterSlaveServerGroup') {
    return {
      kind: 'create',
      loadBalancerId: text('LoadBalancerId'),
      name: text('MasterSlaveServerGroupName'),
      members: membersIn(text('MasterSlaveBackendServers')),
    };
  }
  if (travel.action === 'DeleteMasterSlaveServerGroup') {
    return { kind: 'delete', groupId: text('MasterSlaveServerGroupId') };
  }
  const [, protocol] = LISTENER_WRITE.exec(travel.action) ?? [];
  if (protocol === undefined) return null;
  const { LoadBalancerId, ListenerPort, MasterSlaveServerGroup, MasterSlaveServerGroupId, ...rest } =
    parameters;
  const isOn = MasterSlaveServerGroup === 'on' && typeof MasterSlaveServerGroupId === 'string';
  return {
    kind: 'point',
    loadBalancerId: String(LoadBalancerId),
    listener: { protocol: protocol === 'UDP' ? 'udp' : 'tcp', port: Number(ListenerPort) },
    groupId: isOn ? MasterSlaveServerGroupId : null,
    settings: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
  };
}

interface WireMember {
  readonly ServerId: string;
  readonly Port: number;
  readonly ServerType: string;
}

function membersIn(text: string): PairMembersRecord {
  return readMembers(JSON.parse(text) as ReadonlyArray<WireMember>);
}

/** Who is who among the members of a group as the wire has them; whoever is missing has no id. */
export function readMembers(members: ReadonlyArray<WireMember>): PairMembersRecord {
  const of = (role: string) => {
    const { ServerId = '', Port = 0 } = members.find(({ ServerType }) => ServerType === role) ?? {};
    return { serverId: ServerId, port: Number(Port) };
  };
  return { primary: of('Master'), secondary: of('Slave') };
}
