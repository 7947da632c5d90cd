import * as z from 'zod';
import type { WorkerCall } from '../play/calls.ts';

/** A backend as a write of ours names it. */
export interface NamedBackend {
  /** `i-…:8080` */
  readonly key: string;
  readonly serverId: string;
  readonly port: number;
  /** What it is to become; 0 for a removal. */
  readonly weight: number;
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

const ParametersSchema = z.object({ VServerGroupId: z.string(), BackendServers: z.string() });
const BackendsSchema = z.array(
  z.object({ ServerId: z.string(), Port: z.number(), Weight: z.number().default(0) }),
);

/** The group write that the call is; `null` = it is something else. */
export function groupWriteOf({ travel }: WorkerCall): GroupWrite | null {
  const kind = travel.product === 'slb' ? KINDS[travel.action] : undefined;
  if (kind === undefined) return null;
  const { VServerGroupId, BackendServers } = ParametersSchema.parse(travel.parameters);
  const backends = BackendsSchema.parse(JSON.parse(BackendServers));
  return {
    kind,
    vServerGroupId: VServerGroupId,
    backends: backends.map(({ ServerId, Port, Weight }) => ({
      key: `${ServerId}:${Port}`,
      serverId: ServerId,
      port: Port,
      weight: kind === 'remove' ? 0 : Weight,
    })),
  };
}
