import type { Hono } from 'hono';
import { z } from 'zod';
import { type Cms, cmsOperations } from '../../world/cms/cms.ts';
import { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { LocalEnv } from '../connection.ts';
import { createRpcApp } from './app.ts';
import { type RpcOperation, type RpcProduct, rpcOperation } from './product.ts';
import { integer, text } from './wire.ts';

/** CloudMonitor's endpoint, API version 2019-01-01. */
export function createCmsApp(foundation: Foundation, cms: Cms): Hono<LocalEnv> {
  return createRpcApp(foundation, cmsProduct(foundation, cms));
}

/** The operations of that endpoint, whatever carries the calls. */
export function cmsProduct(foundation: Foundation, cms: Cms): RpcProduct {
  const operations = cmsOperations(cms);
  return {
    product: 'cms',
    version: '2019-01-01',
    hostId: `metrics.${foundation.region}.aliyuncs.com`,
    operations: new Map<string, RpcOperation>(
      Object.entries({
        DescribeMetricLast: rpcOperation(operations.DescribeMetricLast, {
          parameters: z
            .object({
              Namespace: text,
              MetricName: text,
              Period: integer.optional(),
              Dimensions: text.transform(parseDimensions).optional(),
            })
            .transform((wire) => ({
              namespace: wire.Namespace,
              metricName: wire.MetricName,
              periodSeconds: wire.Period,
              dimensions: wire.Dimensions ?? [],
            })),
          // The samples are JSON as text, and the status is said once more inside.
          answer: (samples) => ({
            Code: '200',
            Success: true,
            Period: '60',
            Datapoints: JSON.stringify(samples),
          }),
        }),
      }),
    ),
  };
}

const DimensionsSchema = z.array(
  z.object({ instanceId: z.string().optional(), state: z.string().optional() }),
);

/** `Dimensions` holds a JSON array of objects. */
function parseDimensions(json: string): z.infer<typeof DimensionsSchema> {
  try {
    return DimensionsSchema.parse(JSON.parse(json));
  } catch {
    throw new CloudError(400, 'InvalidParameter', 'The Dimensions are not a JSON array of objects.');
  }
}
