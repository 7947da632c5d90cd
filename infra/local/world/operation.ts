import type { ApiCall } from './api-call.ts';
import { AccessDenied } from './errors.ts';
import type { Foundation } from './foundation.ts';
import type { Principal } from './identities.ts';

/** One operation of a product's API, free of any wire: what it is about, what it needs, what it does. */
export interface Operation<Input, Output> {
  /** See {@link ApiCall.subject}. */
  subject(input: Input): string | null;
  /** See {@link ApiCall.resources}. */
  resources(input: Input): ReadonlyArray<string>;
  /** Applies the call to the world. Throws CloudError in the product's words. */
  run(input: Input): Output;
  /** The answer for a caller without permission, where the product answers instead of refusing; `null` = refuse. */
  whenDenied?(input: Input): Output | null;
}

/** Makes the call through the gate, as every skin does. Throws what the gate throws. */
export async function perform<Input, Output>(
  foundation: Pick<Foundation, 'gate'>,
  operation: Operation<Input, Output>,
  call: {
    readonly product: ApiCall['product'];
    readonly action: string;
    readonly principal: Principal;
    readonly requestId: string;
    readonly input: Input;
  },
): Promise<Output> {
  const { product, action, principal, requestId, input } = call;
  const apiCall: ApiCall = {
    product,
    action,
    principal,
    subject: operation.subject(input),
    resources: operation.resources(input),
    parameters: input,
  };
  try {
    return await foundation.gate.perform(apiCall, requestId, () => operation.run(input));
  } catch (error) {
    const answer = error instanceof AccessDenied ? (operation.whenDenied?.(input) ?? null) : null;
    if (answer === null) throw error;
    return answer;
  }
}

/** An id of the vendor's spelling that `isTaken` does not know: a kept world begins its random numbers anew. */
export function freshId(
  foundation: Pick<Foundation, 'ids'>,
  prefix: string,
  isTaken: (id: string) => boolean,
): string {
  for (;;) {
    const id = foundation.ids.resourceId(prefix);
    if (!isTaken(id)) return id;
  }
}
