import type { Config } from '../../../shared/config/load.ts';
import type { EcsInstance, InstanceListing, LifecycleState } from '../../../shared/instances/model.ts';
import type { ObservedLoadBalancer } from '../../../shared/load-balancers/model.ts';
import type { PairGroup, PairListener } from '../../../shared/pairs/model.ts';
import type { LifecycleHook, NativeAttachment } from '../../../shared/scaling/model.ts';

/** `error`: it will not work; `warning`: it may not, or not as meant; `ok`: looked at, and all is well. */
export type Severity = 'error' | 'warning' | 'ok';

/** What a finding is about, by the names of the configuration and the ids of the clouds. Only what matters is there. */
export interface Where {
  /** `autopilot.yaml:12:9`, for faults of the file. */
  readonly file?: string;
  readonly binding?: string;
  readonly pair?: string;
  /** `tcp:3306` */
  readonly listener?: string;
  readonly loadBalancer?: string;
  readonly vServerGroup?: string;
  /** A primary/secondary group. */
  readonly pairGroup?: string;
  readonly scalingGroup?: string;
  /** Name and id: `drain (ash-…)`. */
  readonly hook?: string;
  readonly table?: string;
}

/** A call to Auto Scaling, version 2022-02-22, that would put it right. Doctor never sends it. */
export interface Call {
  readonly api: string;
  /** As the API takes them, lists and maps not yet flattened. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One thing that was looked at. */
export interface Finding {
  readonly severity: Severity;
  /** What was looked at, in one word for programs: `hook-timeout`. */
  readonly check: string;
  readonly where: Where;
  /** What was found, with the numbers. */
  readonly found: string;
  /** What to do about it; `null` where nothing is to do. */
  readonly fix: string | null;
  readonly call: Call | null;
}

/** The answer to a question: the whole of it, or why there is none. `null` inside = it does not exist. */
export type Answer<T> =
  | { readonly isKnown: true; readonly value: T }
  | { readonly isKnown: false; readonly reason: string };

/** A scaling group, as DescribeScalingGroups shows it. */
export interface ScalingGroupFacts {
  readonly scalingGroupId: string;
  readonly name: string;
  /** `Active` when it scales. */
  readonly lifecycleState: string;
  readonly attachments: ReadonlyArray<NativeAttachment>;
}

/** What was asked about one scaling group. */
export interface ScalingGroupAnswers {
  readonly group: Answer<ScalingGroupFacts | null>;
  readonly hooks: Answer<ReadonlyArray<LifecycleHook>>;
  readonly instances: Answer<ReadonlyMap<string, LifecycleState>>;
}

/** What was asked about one pair. */
export interface PairFacts {
  /** In the order of the configuration. `null` inside = SLB knows no such listener of that protocol. */
  readonly listeners: Answer<ReadonlyArray<PairListener | null>>;
  /** The primary/secondary groups behind them. */
  readonly groups: ReadonlyMap<string, Answer<PairGroup | null>>;
  /** `null` = no pool is configured. Members may be among them. */
  readonly standbyIds: Answer<ReadonlyArray<string>> | null;
  /** Members and standbys; whoever is absent is not there. */
  readonly instances: Answer<ReadonlyMap<string, EcsInstance>>;
}

/** A table of the product: there, not there, or not the caller's to read. */
export interface TableFacts {
  readonly name: string;
  readonly state: 'present' | 'missing' | 'forbidden';
}

/** Everything the checks look at. It is data: the same facts give the same findings. */
export interface Facts {
  readonly config: Config;
  readonly accountId: string;
  /** Of every load balancer that a binding or a pair names. */
  readonly loadBalancers: ReadonlyMap<string, Answer<ObservedLoadBalancer | null>>;
  /** The load balancer that each vServer group of a binding belongs to. */
  readonly groupOwners: ReadonlyMap<string, Answer<string | null>>;
  /** Of every scaling group that the configuration knows. */
  readonly scalingGroups: ReadonlyMap<string, ScalingGroupAnswers>;
  /** What the tags of a binding select, by the binding's name; none for bindings that select by scaling group. */
  readonly listings: ReadonlyMap<string, Answer<InstanceListing>>;
  /** By the pair's name. */
  readonly pairs: ReadonlyMap<string, PairFacts>;
  /** Whether every function of the service file beside the configuration is in a VPC; `null` = it cannot be told. */
  readonly areFunctionsInVpc: boolean | null;
  readonly tables: Answer<ReadonlyArray<TableFacts>>;
}

/** The check of findings that say that nothing could be found out. */
export const NOT_CHECKED = 'not-checked';

/** It will not work. */
export function anError(check: string, where: Where, found: string, fix: string, call?: Call): Finding {
  return { severity: 'error', check, where, found, fix, call: call ?? null };
}

/** It may not work, or not as it is meant. */
export function aWarning(check: string, where: Where, found: string, fix: string, call?: Call): Finding {
  return { severity: 'warning', check, where, found, fix, call: call ?? null };
}

/** All is well. */
export function fine(check: string, where: Where, found: string): Finding {
  return { severity: 'ok', check, where, found, fix: null, call: null };
}

/** The question had no answer, so nothing is said about it. */
export function notChecked(where: Where, { reason }: { readonly reason: string }): Finding {
  const fix = 'allow the call, or reach the endpoint, and ask again';
  return aWarning(NOT_CHECKED, where, `could not be checked: ${reason}`, fix);
}
