import * as z from 'zod';
import { chunksOf } from '../../collections.ts';
import { mapBounded } from '../../concurrency.ts';
import type { ConnectionCounts, ConnectionSample } from '../../connections/ports.ts';
import { RejectedError, TransientError } from '../../errors.ts';
import type { RpcClient } from './rpc-client.ts';

/** `2019-01-01`, the version of the CloudMonitor API that has DescribeMetricLast. */
export const CMS_VERSION = '2019-01-01';

/** The metric comes once for each state of TCP; connections that are being torn down do not hold up a drain. */
const ESTABLISHED = 'ESTABLISHED';
const PERIOD_SECONDS = 60;
/** A sample is of the minute before last at worst; what is older is of an agent that has fallen silent. */
const SAMPLE_AGE_MAX_MS = 3 * 60_000;

const INSTANCES_PER_CALL = 50;
const CALLS_AT_ONCE = 4;
/** One sample for each instance is far below the 1,000 that a page holds. */
const PAGES_MAX = 5;

const AnswerSchema = z.object({
  RequestId: z.string(),
  /** The status again, `200` when all is well. */
  Code: z.coerce.string().nullish(),
  Message: z.string().nullish(),
  Success: z.boolean().nullish(),
  /** A JSON array as text; left out, or empty, when there is no sample. */
  Datapoints: z.string().nullish(),
  NextToken: z.string().nullish(),
});
type Answer = z.infer<typeof AnswerSchema>;

const SamplesSchema = z.array(
  z.object({
    timestamp: z.number(),
    instanceId: z.string(),
    state: z.string().nullish(),
    Maximum: z.number(),
  }),
);

/**
 * Established TCP connections of each ECS instance by CloudMonitor's metric `net_tcpconnection`: the most in the latest
 * minute. It is counted by the CloudMonitor agent inside the instance, over all its ports and in both directions, its
 * own connections to databases and the like included, so the floor of a binding has to leave room for those. An
 * instance without the agent, or with a silent one, has no sample. No metric counts the connections of one backend at
 * a load balancer: SLB's own are by load balancer, by listener or by group of instances. The first million calls of a
 * month are free for the account, each for up to 50 instances.
 *
 * @see https://www.alibabacloud.com/help/doc-detail/43505.htm for the metric and its states
 * @see https://www.alibabacloud.com/help/en/cms/developer-reference/api-describemetriclast-new
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/user-guide/monitoring-and-alerting-metrics
 */
export function createConnectionCounts(client: RpcClient, clock: { nowMs(): number }): ConnectionCounts {
  return {
    async of(instanceIds) {
      const answers = await mapBounded(chunksOf(instanceIds, INSTANCES_PER_CALL), CALLS_AT_ONCE, (ids) =>
        describeLast(client, ids),
      );
      const oldestMs = clock.nowMs() - SAMPLE_AGE_MAX_MS;
      const newest = new Map<string, z.infer<typeof SamplesSchema>[number]>();
      for (const sample of answers.flat()) {
        // Without a state it would be a sum over states that were not asked for.
        if (sample.state !== ESTABLISHED || sample.timestamp < oldestMs) continue;
        const known = newest.get(sample.instanceId);
        if (known === undefined || known.timestamp < sample.timestamp) newest.set(sample.instanceId, sample);
      }
      const asked = new Set(instanceIds);
      const counts = new Map<string, ConnectionSample>();
      for (const { instanceId, Maximum, timestamp } of newest.values()) {
        // The most of a minute; whether it begins or ends then is documented nowhere, so it counts as the earlier one.
        const sinceMs = timestamp - PERIOD_SECONDS * 1_000;
        if (asked.has(instanceId)) counts.set(instanceId, { count: Maximum, sinceMs });
      }
      return counts;
    },
  };
}

async function describeLast(
  client: RpcClient,
  instanceIds: ReadonlyArray<string>,
): Promise<z.infer<typeof SamplesSchema>> {
  const parameters = {
    Namespace: 'acs_ecs_dashboard',
    MetricName: 'net_tcpconnection',
    Period: String(PERIOD_SECONDS),
    Dimensions: JSON.stringify(instanceIds.map((instanceId) => ({ instanceId, state: ESTABLISHED }))),
  };
  const samples: z.infer<typeof SamplesSchema> = [];
  let nextToken: string | null = null;
  for (let page = 1; page <= PAGES_MAX; page++) {
    const answer: Answer = await client.call(
      'DescribeMetricLast',
      'read',
      nextToken === null ? parameters : { ...parameters, NextToken: nextToken },
      AnswerSchema,
    );
    samples.push(...readSamples(answer));
    nextToken = answer.NextToken || null;
    if (nextToken === null) return samples;
  }
  const origin = { api: 'DescribeMetricLast', code: null, requestId: null };
  throw new TransientError(`the samples have no end after ${PAGES_MAX} pages`, 'unavailable', origin);
}

function readSamples({
  RequestId,
  Code,
  Message,
  Success,
  Datapoints,
}: Answer): z.infer<typeof SamplesSchema> {
  const origin = { api: 'DescribeMetricLast', code: Code ?? null, requestId: RequestId };
  // CloudMonitor can say no inside an answer of status 200.
  if (Success === false) throw refusal(Code ?? '', Message ?? 'no reason given', origin);
  const parsed = SamplesSchema.safeParse(parseJson(Datapoints || '[]'));
  if (parsed.success) return parsed.data;
  throw new RejectedError(`DescribeMetricLast answered in an unknown shape: ${parsed.error.message}`, origin);
}

function refusal(code: string, message: string, origin: RejectedError['origin']): Error {
  const text = `DescribeMetricLast was refused: ${message}`;
  if (code.includes('Throttling')) return new TransientError(text, 'throttled', origin);
  return /^5\d\d$/.test(code)
    ? new TransientError(text, 'unavailable', origin)
    : new RejectedError(text, origin);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
