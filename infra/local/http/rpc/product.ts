import type { z } from 'zod';
import type { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Principal } from '../../world/identities.ts';
import { type Operation, perform } from '../../world/operation.ts';
import { readParameters } from './parameters.ts';

/** A product that speaks the RPC protocol. */
export interface RpcProduct {
  readonly product: 'slb' | 'ecs' | 'ess' | 'eci' | 'cms';
  /** `2014-05-15` */
  readonly version: string;
  /** What error answers name as `HostId`. */
  readonly hostId: string;
  /** How it refuses a caller without permission; left out = as most products do. */
  readonly denied?: (() => CloudError) | undefined;
  readonly operations: ReadonlyMap<string, RpcOperation>;
}

/** An operation as the wire has it. */
export interface RpcOperation {
  /** Answers the body without its `RequestId`. Throws what the gate throws, or CloudError for wrong parameters. */
  handle(foundation: Foundation, call: RpcCall): Promise<object>;
}

/** A call whose signature is right. */
export interface RpcCall {
  readonly product: RpcProduct['product'];
  readonly action: string;
  readonly principal: Principal;
  readonly requestId: string;
  /** See `parameterTree`. */
  readonly parameters: unknown;
}

/** Puts the wire around an operation: `parameters` reads its input, `answer` writes its output. */
export function rpcOperation<Input, Output>(
  operation: Operation<Input, Output>,
  wire: { readonly parameters: z.ZodType<Input>; readonly answer: (output: Output) => object },
): RpcOperation {
  return {
    async handle(foundation, { product, action, principal, requestId, parameters }) {
      const input = readParameters(wire.parameters, parameters);
      const call = { product, action, principal, requestId, input };
      return wire.answer(await perform(foundation, operation, call));
    },
  };
}

/** The answer of operations that say nothing but the request's id. */
export function nothing(): object {
  return {};
}
