import type { Hono } from 'hono';
import type { Ess } from '../../world/ess/ess.ts';
import { essOperations } from '../../world/ess/operations.ts';
import { essRefusals } from '../../world/ess/refusals.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { LocalEnv } from '../connection.ts';
import { createRpcApp } from './app.ts';
import { essGroupCalls } from './ess-groups.ts';
import { essHookCalls } from './ess-hooks.ts';
import { essInstanceCalls } from './ess-instances.ts';
import type { RpcOperation, RpcProduct } from './product.ts';

/** Auto Scaling's endpoint, API version 2022-02-22. */
export function createEssApp(foundation: Foundation, ess: Ess): Hono<LocalEnv> {
  return createRpcApp(foundation, essProduct(foundation, ess));
}

/** The operations of that endpoint, whatever carries the calls. */
export function essProduct(foundation: Foundation, ess: Ess): RpcProduct {
  const operations = essOperations(foundation, ess);
  return {
    product: 'ess',
    version: '2022-02-22',
    hostId: 'ess.aliyuncs.com',
    denied: essRefusals.unauthorized,
    operations: new Map<string, RpcOperation>(
      Object.entries({
        ...essGroupCalls(operations, foundation.region),
        ...essHookCalls(operations),
        ...essInstanceCalls(operations),
      }),
    ),
  };
}
