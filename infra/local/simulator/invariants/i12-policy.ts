import type { MakeInvariant } from './invariant.ts';

/** I12: nothing outside the policy that is shipped is ever called. */
export const policy: MakeInvariant = ({ clouds }, violate) => {
  clouds.foundation.gate.onRecord(({ product, action, errorCode, resources }) => {
    if (errorCode === 'AccessDenied')
      violate(`${product}:${action} on ${resources.join(' ')} is not allowed`);
  });
  return {};
};
