import { CloudError } from '../errors.ts';
import type { Switches } from '../switches.ts';

const refusal = (status: number, code: string, message: string) => () =>
  new CloudError(status, code, message);

/**
 * SLB's refusals, in its words. Codes that start with `LocalClouds.` are ours: the vendor documents nothing for the
 * case, and no client may rely on them.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-errorcodes
 */
export const slbRefusals = {
  vServerGroupNotFound: refusal(404, 'InvalidParameter', 'The specified VServerGroupId does not exist.'),
  masterSlaveGroupNotFound: refusal(
    404,
    'InvalidParameter',
    'The specified MasterSlaveGroupId does not exist.',
  ),
  invalidParameter: refusal(400, 'InvalidParameter', 'The specified parameter is not valid.'),
  missingParameter: (name: string) =>
    new CloudError(
      400,
      'MissingParameter',
      `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
    ),
  loadBalancerNotFound: ({ slbMissingLoadBalancerStatus }: Switches) =>
    new CloudError(
      slbMissingLoadBalancerStatus,
      'InvalidLoadBalancerId.NotFound',
      'The specified LoadBalancerId does not exist.',
    ),
  loadBalancerLocked: refusal(
    400,
    'LbStatusNotSupport',
    'The status of the load balancer does not support this operation.',
  ),
  tooManyLoadBalancers: refusal(400, 'OverQuota', 'Instance num exceeded Quota.'),
  tooManyBackends: (max: number) =>
    new CloudError(
      400,
      'TooManyBackendServers',
      `The total number of input real servers exceeds max supported number: ${max}`,
    ),
  malformedBackends: refusal(
    400,
    'BackendServersMalformed',
    'the specified parameter BackendServers is unavailable.',
  ),
  invalidBackends: refusal(400, 'InvalidParameter', 'The specified BackendServers is invalid.'),
  invalidBackendPort: refusal(
    400,
    'InvalidParameter',
    'The specified BackendServers is invalid, as the Port value should be in [1, 65535].',
  ),
  invalidBackendType: refusal(
    400,
    'BackendServer.InvalidType',
    'The type of the specified backend server is invalid.',
  ),
  /** Which code it is, is documented nowhere; the words of this one fit. */
  typeNotAllowed: refusal(
    400,
    'OperationUnsupported.AddVServerGroupBackendServers',
    'This type of backend server is not allowed to be attached to a shared-performance load balancer.',
  ),
  addressNotOfServer: refusal(
    400,
    'LocalClouds.ServerIpNotOfServer',
    'A specified ServerIp is no address of its server; what the vendor says then is not documented.',
  ),
  serverIpConflict: refusal(
    400,
    'InvalidBackendServers.ServerIpConflict',
    'The address and port of a specified backend server are in the group already.',
  ),
  invalidWeight: refusal(400, 'InvalidWeight.Malformed', 'A specified weight is not valid.'),
  unknownServer: ({ slbUnknownServerStatus }: Switches) =>
    slbUnknownServerStatus === 404
      ? new CloudError(404, 'InvalidServerId.NotFound', 'The specified ServerId does not exist.')
      : new CloudError(400, 'InvalidServerId.NotFound', 'The specified server is not found.'),
  serverNotRunning: refusal(
    400,
    'ObtainIpFail',
    'The specified BackendServers is invalid; some of the specified backend servers do not exist or are not running.',
  ),
  serversInOtherVpcs: refusal(
    400,
    'InvalidBackendServers.Inconsistent',
    'All BackendServers on one Specified LoadBalancer have to be in the same vpc or all classic',
  ),
  networkConflict: refusal(400, 'NetworkConflict', 'there are network conflicts in specified parameter.'),
  overBackendQuota: refusal(
    400,
    'InstanceBackendServerNumberOverLimit',
    'The backend server number has reached to the quota limit of this load balancer.',
  ),
  groupProcessing: refusal(
    400,
    'VServerGroupProcessing',
    'A previous configuration of the VServer group is pending; please try again later.',
  ),
  groupInUse: refusal(400, 'RspoolVipExist', 'there are vips associating with this vServer group.'),
  groupInRule: refusal(400, 'RspoolRuleExist', 'there are rules associating with this vServer group.'),
  ruleNotFound: refusal(400, 'LocalClouds.RuleNotFound', 'The specified rule does not exist.'),
  ruleExists: refusal(
    400,
    'LocalClouds.RuleAlreadyExists',
    'A rule of the listener has the specified domain and url already.',
  ),
  malformedRules: refusal(400, 'InvalidParameter', 'The specified RuleList is invalid.'),
  backendPresent: refusal(
    400,
    'LocalClouds.BackendServerAlreadyInGroup',
    'A specified server and port are in the group already; what the vendor does then is not documented.',
  ),
  backendAbsent: refusal(
    400,
    'LocalClouds.BackendServerNotInGroup',
    'A specified server and port are not in the group; what the vendor does then is not documented.',
  ),
  backendTwice: refusal(
    400,
    'LocalClouds.BackendServerTwiceInRequest',
    'A server and port are in the request twice; what the vendor does then is not documented.',
  ),
  listenerNotFound: refusal(
    404,
    'ListenerNotFound',
    'You have not created a listener for the specified port of the load balancer.',
  ),
  checkedListenerNotFound: refusal(
    404,
    'CheckedListenerNotFound',
    'No health-checked Listener to the specified port of the Load Balancer.',
  ),
  resourceNotFound: refusal(400, 'InvalidParameter', 'The specified resource does not exist.'),
  listenerExists: refusal(400, 'ListenerAlreadyExists', 'A listener with the specified port already exists'),
  tooManyListeners: refusal(400, 'ListenerNumberOverLimit', 'The maximum number of listeners is exceeded.'),
  listenerProcessing: refusal(
    400,
    'ListenerProcessing',
    'A previous configuration of the listener is pending; please try again later.',
  ),
  groupNotForListener: refusal(400, 'VipNotMatchRspool', 'The vip protocol is not match with Rspool.'),
  pairCountNotTwo: refusal(
    400,
    'BACKEND_SERVERS_NUM_MUST_BE_TWO',
    'The number of backend servers must be two.',
  ),
  pairMembersAlike: refusal(
    400,
    'BACKEND_SERVERS_HAVE_SAME_PORT_AND_SERVERID',
    'The backend servers have the same port and server id.',
  ),
  pairRolesAlike: refusal(
    400,
    'BACKEND_SERVERS_CAN_ONLY_CONTAIN_ONE_MASTER_AND_ONE_SLAVE',
    'The backend servers can only contain one master and one slave.',
  ),
  pairMemberWithoutId: refusal(
    400,
    'BACKEND_SERVER_ID_CAN_NOT_EMPTY',
    'The id of a backend server can not be empty.',
  ),
  pairMemberWithoutPort: refusal(
    400,
    'BACKEND_SERVER_PORT_CAN_NOT_EMPTY',
    'The port of a backend server can not be empty.',
  ),
  pairPortNotSupported: refusal(400, 'RealServerPortNotSupport', 'The backend server port is not supported.'),
  pairRoleUnknown: refusal(400, 'INVALID_SERVER_TYPE', 'The server type is invalid.'),
  invalidTagKey: refusal(400, 'InvalidParam.TagKey', 'The specified TagKey is invalid.'),
  invalidTagValue: refusal(400, 'InvalidParam.TagValue', 'The specified TagValue is invalid.'),
  missingTagKey: refusal(400, 'MissingParam.TagKey', 'The TagKey is missing.'),
  tooManyTags: refusal(400, 'SizeLimitExceeded.Tag', 'The maximum number of tags is exceeded.'),
  twoGroupsForOneListener: refusal(
    400,
    'Abs.VServerGroupIdAndMasterSlaveServerGroupId.MissMatch',
    'VServerGroupId and MasterSlaveServerGroupId cannot be specified together.',
  ),
};
