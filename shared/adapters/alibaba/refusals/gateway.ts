import {
  BUSY,
  FORBIDDEN,
  type Meaning,
  meanings,
  quoted,
  REJECTED,
  type RefusalTable,
  refusalTable,
  UNAVAILABLE,
  UNKNOWN_OUTCOME,
} from './model.ts';

/**
 * What the gateway in front of every RPC product says.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-errorcodes
 */
export const GATEWAY_MEANINGS: ReadonlyArray<Meaning> = [
  ...meanings(BUSY, {
    SystemBusy: 'the API says that it is busy',
    OperationBusy: 'an earlier operation on the same resource is still going on',
    OperationConflict: 'another operation on the same resource is going on',
    ProcessingSameRequest: 'the same request is being worked on already',
  }),
  ...meanings(UNAVAILABLE, {
    SignatureNonceUsed:
      'the gateway has seen the random number of this request before, as happens to a repeat on the way',
    'InvalidSecurityToken.Expired':
      'the temporary key of the function has run out; a new one comes with the next invocation',
  }),
  // With status 400 it says that the network of the request does not exist.
  ...quoted(REJECTED, { ServiceUnavailable: 'the API cannot do this here' }, { status: 400 }),
  ...meanings(UNAVAILABLE, { ServiceUnavailable: 'the API is not available at the moment' }),
  ...quoted(UNKNOWN_OUTCOME, {
    InternalError: 'the API failed within, and nobody knows whether the call took effect',
    InternalInvokeError: 'the API failed within, and nobody knows whether the call took effect',
  }),
  ...quoted(FORBIDDEN, {
    'Forbidden.RAM':
      'RAM does not allow this call; give the caller the right, as the policies in infra/deploy/ram have it',
    Forbidden: 'this account may not do that to the resource; give its role the right, or correct the id',
  }),
  ...meanings(FORBIDDEN, {
    'Forbbiden.SubUser':
      'the resource is another account’s or another RAM user’s; use a role that may change it',
    NoPermission:
      'RAM does not allow this call; give the caller the right, as the policies in infra/deploy/ram have it',
    'InvalidAccessKeyId.NotFound':
      'the access key does not exist any more; give the function a role, or people a valid key',
    'InvalidAccessKeyId.Inactive': 'the access key is disabled; enable it or use another',
    IncompleteSignature: 'the signature was not accepted; check key, secret and the clock of this machine',
    SignatureDoesNotMatch: 'the signature was not accepted; check key and secret',
  }),
];

/** Every product but SLB: what is not listed is rejected, as its gateways expect. */
export const GATEWAY_REFUSALS: RefusalTable = refusalTable(GATEWAY_MEANINGS, REJECTED);
