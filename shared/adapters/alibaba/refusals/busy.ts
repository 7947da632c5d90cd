import { BUSY, type Meaning, meanings, quoted, REJECTED, UNKNOWN_OUTCOME } from './model.ts';

/**
 * SLB at work on something that this call would touch. They come with status 400, 409, 449 and 500 alike.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-errorcodes
 */
export const BUSY_MEANINGS: ReadonlyArray<Meaning> = [
  ...meanings(BUSY, {
    VServerGroupProcessing: 'the server group is still taking over its previous change',
    'OperationFailed.ServiceGroupProcessing': 'the server group is still taking over its previous change',
    ServiceIsConfiguring: 'the load balancer is still taking over its previous change',
    'BackendServer.configuring': 'the load balancer is still taking over its previous change',
    BackendServerProcessing: 'the load balancer is still adding or removing a server',
    ServiceIsStopping: 'the listener is being stopped',
    ListenerProcessing: 'the listener is still taking over its previous change',
    'OperationFailed.ListenerStatusNotSupport':
      'the listener is starting, stopping or being changed, and takes no change until that is over',
    VpcSystemBusy: 'the VPC behind the load balancer is busy',
    'InvalidOperation.ConcurrentModification': 'somebody else is changing the tags of the same resource',
    CommodityCodeNotExists: 'the billing system does not answer the API at the moment',
  }),
  ...meanings(
    UNKNOWN_OUTCOME,
    {
      InvalidParameter:
        'the API is not well, whatever its code says, and nobody knows whether the call took effect',
    },
    { status: 503 },
  ),
  // These say it with status 503 and mean it for good.
  ...quoted(
    REJECTED,
    { ServiceUnavailable: 'the region, name or instance in the request is nothing that SLB can work with' },
    { words: /not support VPC|name has been used|instance id is inva/i },
  ),
];
