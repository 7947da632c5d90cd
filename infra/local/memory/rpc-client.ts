import * as z from 'zod';
import { errorOf } from '../../../shared/adapters/alibaba/errors.ts';
import type { RefusalTable } from '../../../shared/adapters/alibaba/refusals/model.ts';
import { mayRepeat, type RpcClient } from '../../../shared/adapters/alibaba/rpc-client.ts';
import { DeadlineError } from '../../../shared/adapters/node/deadline.ts';
import { RejectedError, TransientError } from '../../../shared/errors.ts';
import type { RpcProduct } from '../http/rpc/product.ts';
import { AccessDenied, CloudError, ConnectionLost } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import { type Caller, withTries } from './caller.ts';

const TRIES = { triesMax: 3, waitMs: 200 };

/**
 * The client of an RPC product without the wire: the operations are those of the HTTP skin, refusals go through the
 * product's own table of errors, in the form in which the SDK would have thrown them.
 */
export function createMemoryRpcClient(
  foundation: Foundation,
  product: RpcProduct,
  caller: Caller,
  refusals: RefusalTable,
): RpcClient {
  const once = async (api: string, parameters: Record<string, unknown>, timeoutMs: number) => {
    const requestId = foundation.ids.requestId();
    try {
      return await caller.carrier.carry(
        {
          product: product.product as 'slb' | 'ecs' | 'ess',
          action: api,
          timeoutMs,
          parameters,
          about: () => aboutOf(parameters),
        },
        async () => ({ RequestId: requestId, ...(await land(api, parameters, requestId)) }),
      );
    } catch (failure) {
      throw errorOf(api, asSdkFailure(product, failure, requestId), refusals);
    }
  };
  const land = (api: string, parameters: Record<string, unknown>, requestId: string) => {
    const operation = product.operations.get(api);
    if (operation === undefined) {
      throw new CloudError(404, 'InvalidAction.NotFound', 'Specified api is not found.');
    }
    return operation.handle(foundation, {
      product: product.product,
      action: api,
      principal: caller.principal,
      requestId,
      parameters: wireTree({ RegionId: foundation.region, ...parameters }),
    });
  };
  return {
    async call(api, kind, parameters, schema) {
      return await withTries(caller, TRIES, mayRepeat(kind), async (leftMs) =>
        readAnswer(api, kind, schema, await once(api, parameters, leftMs)),
      );
    },
  };
}

/** The parameters as the other side of the wire reads them: all values are text, empty ones count as left out. */
function wireTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wireTree);
  if (typeof value !== 'object' || value === null) return String(value);
  const tree: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    if (part !== undefined && part !== null && part !== '') tree[name] = wireTree(part);
  }
  return tree;
}

/** What the SDK throws for what the gate throws. A defect of the world itself passes as it is. */
function asSdkFailure(product: RpcProduct, failure: unknown, requestId: string): unknown {
  if (failure instanceof CloudError) {
    const { code, status, message, headers } = failure;
    const retryAfter = Number.parseInt(headers['x-acs-retry-after'] ?? '', 10);
    return {
      name: 'ResponseError',
      code,
      statusCode: status,
      requestId,
      data: { Message: message },
      ...(Number.isNaN(retryAfter) ? {} : { retryAfter }),
    };
  }
  if (failure instanceof AccessDenied && product.denied !== undefined) {
    return asSdkFailure(product, product.denied(), requestId);
  }
  if (failure instanceof AccessDenied) {
    const message = 'User not authorized to operate on the specified resource.';
    return {
      name: 'ResponseError',
      code: 'Forbidden.RAM',
      statusCode: 403,
      requestId,
      data: { Message: message },
    };
  }
  if (failure instanceof ConnectionLost) return { name: 'Error', code: 'ECONNRESET' };
  if (failure instanceof DeadlineError) return failure;
  throw failure;
}

function readAnswer<T>(
  api: string,
  kind: 'read' | 'write',
  schema: z.ZodType<T>,
  body: { RequestId: string },
): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const origin = { api, code: null, requestId: body.RequestId };
  const message = `${api} answered in an unknown shape: ${z.prettifyError(parsed.error)}`;
  if (kind === 'write') throw new TransientError(message, 'unknown-outcome', origin);
  throw new RejectedError(message, origin);
}

function aboutOf(parameters: Record<string, unknown>): string {
  return Object.values(parameters)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(' ');
}
