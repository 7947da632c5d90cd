import type { MakeInvariant } from './invariant.ts';

/** I12: nothing outside the policy that is shipped is ever called, whatever the caller is then told. */
export const policy: MakeInvariant = ({ clouds }, violate) => {
  clouds.foundation.gate.onRecord(({ product, action, errorCode, resources, principal }) => {
    if (errorCode !== 'AccessDenied' || principal.kind === 'administrator') return;
    violate(
      `${principal.sessionName} calls ${product}:${action} on ${resources.join(' ')}, which is not allowed`,
    );
  });
  return {};
};
