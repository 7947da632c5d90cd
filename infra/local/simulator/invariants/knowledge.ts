import type { CallOutcome, WorkerCall } from '../play/calls.ts';
import { type GroupWrite, groupWriteOf } from './our-writes.ts';

/** A backend as a worker has been answered. */
export interface SeenBackend {
  readonly key: string;
  readonly serverId: string;
  readonly port: number;
  readonly weight: number;
  readonly description: string;
}

/** A group as a worker has seen it last. */
export interface SeenGroup {
  readonly backends: ReadonlyMap<string, SeenBackend>;
  /** When the read was sent that it was seen with; the answers of the worker's own writes do not make it younger. */
  readonly readAtMs: number;
}

/** An instance as DescribeInstances showed it. */
export interface SeenInstance {
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What one worker has heard, and so what its next decision can be made of. */
export interface Knowledge {
  readonly groups: Map<string, SeenGroup>;
  /** Answers about instances by id, the newest last; those that are too old for any decision are dropped. */
  readonly instanceReads: Array<WorkerCall>;
  /** By load balancer: the newest answers of DescribeHealthStatus, DescribeLoadBalancerListeners, DescribeVServerGroups. */
  readonly health: Map<string, WorkerCall>;
  readonly listeners: Map<string, WorkerCall>;
  readonly rules: Map<string, WorkerCall>;
  /** By scaling group: its instances with their states, as they were last listed on one page. */
  readonly members: Map<string, ReadonlyMap<string, string>>;
  /** By group: when the last read of its records was sent. */
  readonly recordsReadAtMs: Map<string, number>;
}

interface WireBackend {
  readonly ServerId: string;
  readonly Port: number;
  readonly Weight: number;
  readonly Description?: string;
}
/** Answers and parameters as far as they are read here; the world writes the one and our gateways the other. */
interface GroupAnswer {
  readonly BackendServers: { readonly BackendServer: ReadonlyArray<WireBackend> };
}
interface InstancesAnswer {
  readonly Instances: {
    readonly Instance: ReadonlyArray<{
      readonly InstanceId: string;
      readonly Status: string;
      readonly Tags: {
        readonly Tag: ReadonlyArray<{ readonly TagKey: string; readonly TagValue: string }>;
      };
    }>;
  };
}
interface MembersAnswer {
  readonly ScalingInstances: ReadonlyArray<{ readonly InstanceId: string; readonly LifecycleState: string }>;
}
interface TableRead {
  readonly table: string;
  readonly keys: ReadonlyArray<Readonly<Record<string, string | number>>>;
}

const INSTANCE_READS_KEPT_MS = 30_000;

/** What all workers know, kept up with every answer that they hear. */
export class AllKnowledge {
  readonly #workers = new Map<string, Knowledge>();

  of(worker: string): Knowledge {
    let known = this.#workers.get(worker);
    if (known === undefined) {
      known = {
        groups: new Map(),
        instanceReads: [],
        health: new Map(),
        listeners: new Map(),
        rules: new Map(),
        members: new Map(),
        recordsReadAtMs: new Map(),
      };
      this.#workers.set(worker, known);
    }
    return known;
  }

  /** To be told of every answer that a worker hears. */
  heard(call: WorkerCall, answer: CallOutcome): void {
    if (!answer.isOk) return;
    const { travel } = call;
    const known = this.of(call.worker);
    switch (travel.action) {
      case 'DescribeVServerGroupAttribute':
        takeGroup(known, call, answer.body as GroupAnswer);
        return;
      case 'DescribeInstances':
        takeInstances(known, call);
        return;
      case 'DescribeHealthStatus':
        known.health.set(balancerOf(call), call);
        return;
      case 'DescribeLoadBalancerListeners':
        known.listeners.set(balancerOf(call), call);
        return;
      case 'DescribeVServerGroups':
        known.rules.set(balancerOf(call), call);
        return;
      case 'DescribeScalingInstances':
        takeMembers(known, call, answer.body as MembersAnswer);
        return;
      case 'GetRange':
        takeRecords(known, call);
        return;
      default: {
        const write = groupWriteOf(call);
        if (write !== null) takeWrite(known, write, answer.body as GroupAnswer);
      }
    }
  }
}

/**
 * Every answer about instances that was asked for at or after `sinceMs`, by id, `null` where the instance was asked for and
 * not listed. Several lanes are worked at once by one worker, so there may be more than one.
 */
export function instancesSince(
  { instanceReads }: Knowledge,
  sinceMs: number,
): ReadonlyMap<string, ReadonlyArray<SeenInstance | null>> {
  const seen = new Map<string, Array<SeenInstance | null>>();
  for (const call of instanceReads) {
    if (call.sentAtMs < sinceMs || call.outcome?.isOk !== true) continue;
    const present = new Map(
      (call.outcome.body as InstancesAnswer).Instances.Instance.map(({ InstanceId, Status, Tags }) => [
        InstanceId,
        {
          status: Status,
          tags: Object.fromEntries(Tags.Tag.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
        },
      ]),
    );
    for (const id of askedIds(call)) {
      const answers = seen.get(id) ?? [];
      seen.set(id, answers);
      answers.push(present.get(id) ?? null);
    }
  }
  return seen;
}

function takeGroup(known: Knowledge, call: WorkerCall, { BackendServers }: GroupAnswer): void {
  const { VServerGroupId } = call.travel.parameters as { readonly VServerGroupId: string };
  const backends = new Map<string, SeenBackend>();
  for (const wire of BackendServers.BackendServer) backends.set(keyOf(wire), seenBackend(wire));
  known.groups.set(VServerGroupId, { backends, readAtMs: call.sentAtMs });
}

function takeMembers(
  { members }: Knowledge,
  { travel }: WorkerCall,
  { ScalingInstances }: MembersAnswer,
): void {
  const { ScalingGroupId } = travel.parameters as { readonly ScalingGroupId: string };
  const states = ScalingInstances.map(
    ({ InstanceId, LifecycleState }) => [InstanceId, LifecycleState] as const,
  );
  members.set(ScalingGroupId, new Map(states));
}

function takeInstances({ instanceReads }: Knowledge, call: WorkerCall): void {
  if (askedIds(call).length === 0) return;
  const tooOldMs = call.sentAtMs - INSTANCE_READS_KEPT_MS;
  while ((instanceReads[0]?.sentAtMs ?? call.sentAtMs) < tooOldMs) instanceReads.shift();
  instanceReads.push(call);
}

function askedIds({ travel }: WorkerCall): ReadonlyArray<string> {
  const { InstanceIds = '[]' } = travel.parameters as { readonly InstanceIds?: string };
  return JSON.parse(InstanceIds) as ReadonlyArray<string>;
}

function takeRecords(known: Knowledge, call: WorkerCall): void {
  const { table, keys } = call.travel.parameters as TableRead;
  const group = keys[0]?.group;
  if (table === 'backends' && group !== undefined) known.recordsReadAtMs.set(String(group), call.sentAtMs);
}

/** What a write was about is known from its own answer, which may list the whole group or those backends alone. */
function takeWrite(known: Knowledge, write: GroupWrite, { BackendServers }: GroupAnswer): void {
  const seen = known.groups.get(write.vServerGroupId);
  if (seen === undefined) return;
  const answered = new Map(BackendServers.BackendServer.map((wire) => [keyOf(wire), wire]));
  const backends = new Map(seen.backends);
  for (const { key, description } of write.backends) {
    const wire = answered.get(key);
    if (wire === undefined) backends.delete(key);
    else {
      const shown = wire.Description ?? description ?? backends.get(key)?.description ?? '';
      backends.set(key, seenBackend({ ...wire, Description: shown }));
    }
  }
  known.groups.set(write.vServerGroupId, { backends, readAtMs: seen.readAtMs });
}

function seenBackend(wire: WireBackend): SeenBackend {
  return {
    key: keyOf(wire),
    serverId: wire.ServerId,
    port: wire.Port,
    weight: wire.Weight,
    description: wire.Description ?? '',
  };
}

function keyOf({ ServerId, Port }: WireBackend): string {
  return `${ServerId}:${Port}`;
}

function balancerOf({ travel }: WorkerCall): string {
  const { LoadBalancerId } = travel.parameters as { readonly LoadBalancerId: string | ReadonlyArray<string> };
  return String([LoadBalancerId].flat()[0]);
}
