import type { WorkerCall } from '../play/calls.ts';

/** A backend as a write of ours names it. */
export interface NamedBackend {
  /** `i-…:8080` */
  readonly key: string;
  readonly serverId: string;
  readonly port: number;
  /** What it is to become; 0 for a removal. */
  readonly weight: number;
  /** `null` = the call gives none. */
  readonly description: string | null;
}

/** A write of ours to a vServer group. */
export interface GroupWrite {
  readonly kind: 'add' | 'set' | 'remove';
  readonly vServerGroupId: string;
  readonly backends: ReadonlyArray<NamedBackend>;
}

const KINDS: Readonly<Record<string, GroupWrite['kind']>> = {
  AddVServerGroupBackendServers: 'add',
  SetVServerGroupAttribute: 'set',
  RemoveVServerGroupBackendServers: 'remove',
};

/** Begins the `Description` of every backend that the product has put into a group. */
export const MARK_PREFIX = 'slb-autopilot/';

/** The parameters as our own gateway writes them. */
interface Parameters {
  readonly VServerGroupId: string;
  /** A JSON array of {@link Named}; left out where only the group's name is set. */
  readonly BackendServers?: string;
}

interface Named {
  readonly ServerId: string;
  readonly Port: number;
  readonly Weight?: number;
  readonly Description?: string;
}

const known = new WeakMap<WorkerCall, GroupWrite | null>();

/** The group write that the call is; `null` = it is something else. */
export function groupWriteOf(call: WorkerCall): GroupWrite | null {
  if (call.travel.product !== 'slb') return null;
  const found = known.get(call);
  if (found !== undefined) return found;
  const write = read(call);
  known.set(call, write);
  return write;
}

/** The group write, if it has taken effect. */
export function landedWriteOf(call: WorkerCall): GroupWrite | null {
  return call.outcome?.isOk === true ? groupWriteOf(call) : null;
}

function read({ travel }: WorkerCall): GroupWrite | null {
  const kind = KINDS[travel.action];
  if (kind === undefined) return null;
  const { VServerGroupId, BackendServers } = travel.parameters as Parameters;
  if (BackendServers === undefined) return null;
  const named = JSON.parse(BackendServers) as ReadonlyArray<Named>;
  return {
    kind,
    vServerGroupId: VServerGroupId,
    backends: named.map(({ ServerId, Port, Weight = 0, Description }) => ({
      key: `${ServerId}:${Port}`,
      serverId: ServerId,
      port: Port,
      weight: kind === 'remove' ? 0 : Weight,
      description: Description ?? null,
    })),
  };
}
