import type { Foundation } from '../foundation.ts';
import type { Collection } from '../store.ts';
import type { Instance } from './instance.ts';
import {
  type Application,
  addSpansOfRun,
  SERVES_AT_ONCE,
  type ServingSpan,
  servesAt,
} from './serving-spans.ts';

/** Whose application it is; without a port, that of all ports for which none is set. */
export interface ApplicationTarget {
  readonly instanceId: string;
  readonly port?: number | undefined;
}

/** What runs on the instances of one world. Everything serves at once where nothing else was set. */
export interface Applications {
  /** From now on; what was before stays the past that health checks have seen. `null` = serves at once. */
  set(target: ApplicationTarget, application: Application | null): void;
  /** Whether the port answers now. */
  serves(instanceId: string, port: number): boolean;
  /** The same by the private address, as somebody in the VPC would ask: nobody there does not answer either. */
  answersProbe(privateIp: string, port: number): boolean;
  /**
   * What the port did from `fromMs` until `toMs`, in order. Of long flapping the first and last cycles only: what lies
   * between repeats them.
   */
  spans(instanceId: string, port: number, fromMs: number, toMs: number): ReadonlyArray<ServingSpan>;
}

/** An application with the moment from which on it counts. */
interface Era {
  readonly application: Application;
  readonly sinceMs: number;
}

/** Eras remembered for each target; the oldest of these reaches back to the beginning. */
const ERAS_MAX = 8;

/** The applications over the foundation's store. */
export function createApplications(
  { clock, store }: Pick<Foundation, 'clock' | 'store'>,
  instances: Collection<Instance>,
): Applications {
  const rows = store.collection<ReadonlyArray<Era>>('ecs/applications');
  const instanceAt = new Map<string, string>();

  const keyOf = (instanceId: string, port: number | undefined) => `${instanceId} ${port ?? '*'}`;
  const erasOf = (instanceId: string, port: number | undefined): ReadonlyArray<Era> =>
    rows.get(keyOf(instanceId, port)) ??
    rows.get(keyOf(instanceId, undefined)) ?? [{ application: SERVES_AT_ONCE, sinceMs: 0 }];

  const serves: Applications['serves'] = (instanceId, port) => {
    const now = instances.get(instanceId)?.history.at(-1);
    if (now?.status !== 'Running') return false;
    const nowMs = clock.nowMs();
    const era = erasOf(instanceId, port).findLast(({ sinceMs }) => sinceMs <= nowMs);
    if (era === undefined) return false;
    return servesAt(era.application, now.atMs, era.sinceMs, nowMs);
  };
  const find = (privateIp: string) => {
    const known = instances.get(instanceAt.get(privateIp) ?? '');
    if (known?.privateIpAddress === privateIp) return known;
    const found = [...instances.values()].find((instance) => instance.privateIpAddress === privateIp);
    if (found !== undefined) instanceAt.set(privateIp, found.instanceId);
    return found;
  };

  return {
    serves,
    set({ instanceId, port }, application) {
      if (application?.kind === 'flaps' && !(application.upMs > 0 && application.downMs > 0)) {
        throw new RangeError('an application that flaps needs time up and time down');
      }
      // A port that gets its first application of its own had the instance's until now.
      const past = erasOf(instanceId, port);
      const [oldest, ...later] = [
        ...past,
        { application: application ?? SERVES_AT_ONCE, sinceMs: clock.nowMs() },
      ].slice(-ERAS_MAX);
      if (oldest !== undefined) rows.set(keyOf(instanceId, port), [{ ...oldest, sinceMs: 0 }, ...later]);
    },
    answersProbe(privateIp, port) {
      const instance = find(privateIp);
      return instance !== undefined && serves(instance.instanceId, port);
    },
    spans(instanceId, port, fromMs, toMs) {
      const history = instances.get(instanceId)?.history ?? [];
      if (history.length === 0) return [{ serves: false, fromMs, toMs }];
      const eras = erasOf(instanceId, port);
      // Asked for every backend at every look at the health checks, so nothing is made that is not kept.
      const spans: Array<ServingSpan> = [];
      for (const [index, { status, atMs }] of history.entries()) {
        // The oldest status that is remembered reaches back as far as anybody asks.
        const beginMs = index === 0 ? fromMs : Math.max(atMs, fromMs);
        const endMs = Math.min(history[index + 1]?.atMs ?? toMs, toMs);
        if (endMs <= beginMs) continue;
        if (status !== 'Running') {
          spans.push({ serves: false, fromMs: beginMs, toMs: endMs });
          continue;
        }
        for (const [era, { application, sinceMs }] of eras.entries()) {
          const eraEndMs = Math.min(eras[era + 1]?.sinceMs ?? endMs, endMs);
          addSpansOfRun(spans, application, atMs, sinceMs, Math.max(sinceMs, beginMs), eraEndMs);
        }
      }
      return spans;
    },
  };
}
