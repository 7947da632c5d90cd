import { basename } from 'node:path';
import type { Binding } from './binding.ts';
import { checkConfig } from './check.ts';
import { readConfigText, requireSize } from './config-text.ts';
import type { Limits } from './limits.ts';
import type { Maintenance } from './maintenance.ts';
import type { Pair } from './pair.ts';
import type { RequestPolicy } from './requests.ts';
import type { Scaling } from './scaling.ts';
import type { SweepSettings } from './sweep.ts';
import type { Timing } from './timing.ts';
import { readYaml } from './yaml-file.ts';

/** A configuration that holds together: every default filled in, every duration in ms. */
export interface Config {
  readonly version: 1;
  /** The region of all load balancers and instances that the configuration names. */
  readonly regionId: string;
  /** In the order of the file; at least one binding or one pair. */
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs: ReadonlyArray<Pair>;
  readonly timing: Timing;
  readonly limits: Limits;
  readonly scaling: Scaling;
  readonly maintenance: Maintenance;
  readonly sweep: SweepSettings;
  /** Who may ask for changes through the queue. */
  readonly requests: RequestPolicy;
  readonly assume: Assumptions;
}

/** What no document settles, and how the product takes it. */
export interface Assumptions {
  /** What the health checks say of a backend at weight 0: `unknown` = nothing to build on, documents disagree. */
  readonly healthAtWeightZero: 'unknown' | 'as-checked';
  /**
   * From when a heartbeat of a lifecycle hook lets ESS wait: from the heartbeat, or from when it would have stopped waiting.
   * `unknown` = the earlier of the two.
   */
  readonly heartbeatCountsFrom: 'unknown' | 'now' | 'old-deadline';
  /** Whether lifecycle hooks may come over EventBridge: the shape of these events is in no document. */
  readonly hookEvents: 'ignore' | 'read';
  /** What a load balancer is whose description has no `LoadBalancerSpec`: only a guaranteed one takes `eni` and `eci`. */
  readonly loadBalancerWithoutSpec: 'shared' | 'guaranteed';
}

/** Reads the file and parses it. Throws `ConfigError`, also for a file that is missing or too large. */
export function loadConfig(path: string): Config {
  return parseConfig(readConfigText(path), basename(path));
}

/**
 * The configuration in the text of an `autopilot.yaml`. Throws `ConfigError` with every fault at once, each with its
 * path, line and column; YAML that cannot be read has only its own faults, since nothing else can be told then.
 */
export function parseConfig(text: string, fileName: string): Config {
  requireSize(Buffer.byteLength(text), fileName);
  return checkConfig(readYaml(text), fileName);
}
