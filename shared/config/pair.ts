import type * as z from 'zod';
import { type ProbePolicy, resolveProbe, resolveSelector, type Selector } from './binding.ts';
import { type PairGroupDeclaration, resolvePairGroup } from './pair-group.ts';
import { PAIR_TRIGGERS, type PairSchema } from './pair-schema.ts';

/** An entry of `pairs` as the file has it. */
export type PairEntry = z.infer<typeof PairSchema>;

/** What may lead to a promotion without anybody asking for it. */
export type PairTrigger = (typeof PAIR_TRIGGERS)[number];

/** A TCP or UDP listener of a load balancer. */
export interface PairListenerName {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** A primary and a secondary behind TCP or UDP listeners, to be kept that way. */
export interface Pair {
  /** Unique among the pairs. What is recorded of the pair goes by it: its group's id changes with every promotion. */
  readonly name: string;
  readonly loadBalancerId: string;
  /** At least one, each once. All of them use the pair's group. */
  readonly listeners: ReadonlyArray<PairListenerName>;
  /** The group that it is to begin with; `null` = people make it, and whatever group all listeners use is the pair's. */
  readonly group: PairGroupDeclaration | null;
  /** Where a new secondary comes from; `null` = nowhere. */
  readonly standby: StandbyPool | null;
  readonly promoteOn: ReadonlySet<PairTrigger>;
  readonly probe: ProbePolicy;
  /**
   * What proves that an instance is fit to be a member: it answers our own probe, or, where the function is outside the
   * VPC and cannot ask, ECS has shown it Running for `runningForMs`. Probes testify against the primary in the first case only.
   */
  readonly candidate: 'probe' | 'running-for';
  readonly runningForMs: number;
  /** How long two observers must have called the primary bad. */
  readonly badForMs: number;
  /** From the end of one change of the pair to the beginning of the next. */
  readonly coolDownMs: number;
  /** Goes back to the former primary once it has been good for so long; `null` = only when somebody asks for it. */
  readonly failBackAfterMs: number | null;
  /**
   * What becomes of a primary that is bad though it runs, when the pool has nobody: it becomes the secondary, or CLB's own
   * failover stays in charge until a standby is there.
   */
  readonly degraded: 'swap' | 'wait';
}

/** The instances that may become a secondary. */
export interface StandbyPool {
  readonly selector: Selector;
  /** The port that they serve on; `null` = the one of the member whose place is taken. */
  readonly port: number | null;
}

/** The pair that an entry of the file describes, with our defaults where it is silent. */
export function resolvePair(entry: PairEntry): Pair {
  return {
    name: entry.name,
    loadBalancerId: entry.loadBalancer,
    listeners: entry.listeners.map(readListener),
    group: entry.group === undefined ? null : resolvePairGroup(entry.group, entry.manage ?? 'members'),
    standby:
      entry.standby === undefined
        ? null
        : { selector: resolveSelector(entry.standby), port: entry.standby.port ?? null },
    promoteOn: new Set(entry.promoteOn ?? PAIR_TRIGGERS),
    probe: resolveProbe(entry.probe ?? {}),
    candidate: entry.candidate ?? 'probe',
    runningForMs: entry.runningFor ?? 2 * 60_000,
    badForMs: entry.badFor ?? 10_000,
    coolDownMs: entry.coolDown ?? 10 * 60_000,
    failBackAfterMs: entry.failBack?.after ?? null,
    degraded: entry.degraded ?? 'swap',
  };
}

/** `tcp:3306` */
export function listenerName({ protocol, port }: PairListenerName): string {
  return `${protocol}:${port}`;
}

function readListener(text: string): PairListenerName {
  const [protocol, port] = text.split(':');
  return { protocol: protocol === 'udp' ? 'udp' : 'tcp', port: Number(port) };
}
