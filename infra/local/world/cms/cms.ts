import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import type { Operation } from '../operation.ts';

/** What DescribeMetricLast is asked. */
export interface MetricQuery {
  readonly namespace: string;
  readonly metricName: string;
  /** Seconds; default 60. */
  readonly periodSeconds?: number | undefined;
  /** Each names an instance and possibly a state of TCP; without any, all instances. At most 50. */
  readonly dimensions: ReadonlyArray<{
    readonly instanceId?: string | undefined;
    readonly state?: string | undefined;
  }>;
}

/** The latest sample of one instance, in the vendor's spelling. */
export interface Datapoint {
  /** The beginning of the period, in ms. */
  readonly timestamp: number;
  readonly userId: string;
  readonly instanceId: string;
  readonly state: string;
  readonly Minimum: number;
  readonly Average: number;
  readonly Maximum: number;
}

/** The CloudMonitor cloud of one world, as far as it counts TCP connections of instances. */
export interface Cms {
  /** From now on the instance has so many established connections; `null` = its agent has stopped, or has none. */
  setConnections(instanceId: string, count: number | null): void;
  /** The samples of the latest period that has ended. Throws CloudError in CloudMonitor's words. */
  describeMetricLast(query: MetricQuery): ReadonlyArray<Datapoint>;
}

/** CloudMonitor's operations, each with the ARNs that RAM judges it on. */
export interface CmsOperations {
  readonly DescribeMetricLast: Operation<MetricQuery, ReadonlyArray<Datapoint>>;
}

interface Change {
  readonly count: number | null;
  readonly atMs: number;
}

const DIMENSIONS_MAX = 50;
const PERIODS_SECONDS = [15, 60, 900, 3_600];
/** Enough for what can happen in the longest period that is looked at. */
const CHANGES_MAX = 64;
/** The state whose connections this world counts. */
const ESTABLISHED = 'ESTABLISHED';

/** The CloudMonitor cloud over the foundation's store. An instance has no sample until its connections are set. */
export function createCms(foundation: Foundation): Cms {
  const { clock, identities } = foundation;
  const rows = foundation.store.collection<ReadonlyArray<Change>>('cms/connections');

  const sampleOf = (instanceId: string, periodMs: number): Datapoint | null => {
    const endMs = Math.floor(clock.nowMs() / periodMs) * periodMs;
    const timestamp = endMs - periodMs;
    const changes = (rows.get(instanceId) ?? []).filter(({ atMs }) => atMs < endMs);
    const first = Math.max(
      0,
      changes.findLastIndex(({ atMs }) => atMs <= timestamp),
    );
    const counts = changes.slice(first).flatMap(({ count }) => count ?? []);
    if (counts.length === 0) return null;
    return {
      timestamp,
      userId: identities.accountId,
      instanceId,
      state: ESTABLISHED,
      Minimum: Math.min(...counts),
      Average: counts.reduce((sum, count) => sum + count, 0) / counts.length,
      Maximum: Math.max(...counts),
    };
  };

  return {
    setConnections(instanceId, count) {
      const change = { count, atMs: clock.nowMs() };
      rows.set(instanceId, [...(rows.get(instanceId) ?? []), change].slice(-CHANGES_MAX));
    },
    describeMetricLast({ namespace, metricName, periodSeconds = 60, dimensions }) {
      if (namespace !== 'acs_ecs_dashboard' || metricName !== 'net_tcpconnection') {
        throw new CloudError(404, 'ResourceNotFound', 'The specified resource is not found.');
      }
      if (!PERIODS_SECONDS.includes(periodSeconds) || dimensions.length > DIMENSIONS_MAX) {
        throw new CloudError(400, 'InvalidParameter', 'The parameter is invalid.');
      }
      const wanted = dimensions.filter(({ state }) => state === undefined || state === ESTABLISHED);
      const isForAll = dimensions.length === 0 || wanted.some(({ instanceId }) => instanceId === undefined);
      const ids = isForAll
        ? [...rows.entries()].map(([instanceId]) => instanceId)
        : [...new Set(wanted.flatMap(({ instanceId }) => instanceId ?? []))];
      return ids.flatMap((instanceId) => sampleOf(instanceId, periodSeconds * 1_000) ?? []);
    },
  };
}

/** The operations of one CloudMonitor cloud. Its actions can be granted on everything only. */
export function cmsOperations(cms: Cms): CmsOperations {
  return {
    DescribeMetricLast: { subject: () => null, resources: () => ['*'], run: cms.describeMetricLast },
  };
}
