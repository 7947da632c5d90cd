import * as z from 'zod';
import type { WorkerCall } from '../play/calls.ts';
import { groupWriteOf } from './our-writes.ts';

/** A backend as a worker has seen it. */
export interface SeenBackend {
  readonly key: string;
  readonly serverId: string;
  readonly weight: number;
  readonly description: string;
}

/** A group as a worker has seen it last. */
export interface SeenGroup {
  readonly backends: ReadonlyMap<string, SeenBackend>;
  /** When the read was sent that it was seen with. */
  readonly readAtMs: number;
}

/** What one worker has heard, and so what its next decision can be made of. */
export interface Knowledge {
  readonly groups: Map<string, SeenGroup>;
  /** Status by instance id; `null` = asked for and not listed. */
  readonly instances: Map<string, { readonly status: string | null; readonly readAtMs: number }>;
  /** By group: when the last read of its records was sent. */
  readonly recordsReadAtMs: Map<string, number>;
}

const BackendsSchema = z.object({
  BackendServers: z.object({
    BackendServer: z.array(
      z.object({
        ServerId: z.string(),
        Port: z.number(),
        Weight: z.number(),
        Description: z.string().nullish(),
      }),
    ),
  }),
});
const InstancesSchema = z.object({
  Instances: z.object({ Instance: z.array(z.object({ InstanceId: z.string(), Status: z.string() })) }),
});
const TableReadSchema = z.object({
  table: z.string(),
  keys: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
});

/** What all workers know, kept up with every answer that they hear. */
export class AllKnowledge {
  readonly #workers = new Map<string, Knowledge>();

  of(worker: string): Knowledge {
    let known = this.#workers.get(worker);
    if (known === undefined) {
      known = { groups: new Map(), instances: new Map(), recordsReadAtMs: new Map() };
      this.#workers.set(worker, known);
    }
    return known;
  }

  /** To be told of every answer that a worker hears. */
  heard(call: WorkerCall): void {
    const { outcome, travel, worker } = call;
    if (outcome === null || !outcome.isOk) return;
    const known = this.of(worker);
    const { action } = travel;
    if (action === 'DescribeVServerGroupAttribute') takeGroup(known, call, outcome.body);
    else if (action === 'DescribeInstances') takeInstances(known, call, outcome.body);
    else if (action === 'GetRange') takeRecords(known, call);
    else takeWrite(known, call);
  }
}

function takeGroup(known: Knowledge, call: WorkerCall, body: unknown): void {
  const { VServerGroupId } = z.object({ VServerGroupId: z.string() }).parse(call.travel.parameters);
  const parsed = BackendsSchema.safeParse(body);
  if (!parsed.success) return;
  const backends = new Map<string, SeenBackend>();
  for (const { ServerId, Port, Weight, Description } of parsed.data.BackendServers.BackendServer) {
    const key = `${ServerId}:${Port}`;
    backends.set(key, { key, serverId: ServerId, weight: Weight, description: Description ?? '' });
  }
  known.groups.set(VServerGroupId, { backends, readAtMs: call.sentAtMs });
}

function takeInstances(known: Knowledge, call: WorkerCall, body: unknown): void {
  const parsed = InstancesSchema.safeParse(body);
  if (!parsed.success) return;
  const { InstanceIds } = z.object({ InstanceIds: z.string().optional() }).parse(call.travel.parameters);
  const readAtMs = call.sentAtMs;
  for (const id of z.array(z.string()).parse(JSON.parse(InstanceIds ?? '[]'))) {
    known.instances.set(id, { status: null, readAtMs });
  }
  for (const { InstanceId, Status } of parsed.data.Instances.Instance) {
    known.instances.set(InstanceId, { status: Status, readAtMs });
  }
}

function takeRecords(known: Knowledge, call: WorkerCall): void {
  const { table, keys } = TableReadSchema.parse(call.travel.parameters);
  const group = keys[0]?.group;
  if (table === 'backends' && group !== undefined) known.recordsReadAtMs.set(String(group), call.sentAtMs);
}

/** After a write of its own that was answered with success, a worker knows what the write was about. */
function takeWrite(known: Knowledge, call: WorkerCall): void {
  const write = groupWriteOf(call);
  const seen = write === null ? undefined : known.groups.get(write.vServerGroupId);
  if (write === null || seen === undefined) return;
  const backends = new Map(seen.backends);
  for (const { key, serverId, weight } of write.backends) {
    const description = backends.get(key)?.description ?? 'slb-autopilot/';
    if (write.kind === 'remove') backends.delete(key);
    else if (write.kind === 'add' || backends.has(key)) {
      backends.set(key, { key, serverId, weight, description });
    }
  }
  known.groups.set(write.vServerGroupId, { backends, readAtMs: seen.readAtMs });
}
