import { RefusedBackendError } from '../../../server-groups/errors.ts';
import {
  byWords,
  DEFECT,
  type Meaning,
  meanings,
  type NextAction,
  NOT_YET,
  quoted,
  REJECTED,
} from './model.ts';

/** SLB refuses the whole call because of one server in it, without saying which: smaller calls find it. */
const ONE_BACKEND: NextAction = { kind: 'rejected', heldForMs: 60_000, as: RefusedBackendError };
/** The same, and it may pass within seconds. */
const ONE_BACKEND_YET: NextAction = { ...ONE_BACKEND, heldForMs: null };

const PAIR = /^CreateMasterSlaveServerGroup$/;
const NOT_RUNNING =
  'SLB takes servers in state Running only, and does not know this one as such; start it, or wait until SLB has heard of it';
const WRONG_NETWORK =
  'the server cannot be reached from this load balancer; a private one takes servers of its own VPC, a public one of a single VPC, all of its region';
const NO_CROSS_BORDER =
  'the server is in another region, which this product does not connect; take servers of the load balancer’s region';
const CLOUD_BOX = 'the load balancer is in a cloud box, which takes servers of its own zone only';
const OLD_TYPE =
  'this old kind of load balancer (single tunnel or any tunnel) does not take servers of this type; take ECS instances, or a newer load balancer';
const NO_IPV6 = 'the load balancer does not take IPv6 servers; take IPv4 ones, or a load balancer of IPv6';

/** About the servers of a call. */
export const BACKEND_MEANINGS: ReadonlyArray<Meaning> = [
  ...meanings(NOT_YET, { ObtainIpFail: NOT_RUNNING }, { of: PAIR }),
  ...meanings(ONE_BACKEND_YET, { ObtainIpFail: NOT_RUNNING }),
  ...meanings(ONE_BACKEND, {
    'InvalidServerId.NotFound':
      'SLB does not know the server; it was released, or is another account’s or region’s',
    'InvalidServerId.NotExist':
      'SLB does not know the server; it was released, or is another account’s or region’s',
    'ResourceNotFound.vServers':
      'SLB does not know the network interface; it was released, or is another account’s or region’s',
    'InvalidBackendServers.Inconsistent': WRONG_NETWORK,
    'BackendServer.InvalidType':
      'SLB knows no servers of this type; allowed are ECS instances, network interfaces (eni) and container groups (eci)',
    'BackendServer.ServerRegionIdNotEqual': NO_CROSS_BORDER,
    'InvalidParameter.ServerRegionId': NO_CROSS_BORDER,
    'MissingParameter.ServerRegionId': NO_CROSS_BORDER,
    'MissingParameter.VbrId': NO_CROSS_BORDER,
    'InvalidVbrId.NotInCen': NO_CROSS_BORDER,
    'InvalidBackendServers.VpcNotInCen': NO_CROSS_BORDER,
    'InvalidBackendServers.MissingCenBandWidth': NO_CROSS_BORDER,
    'OperationFailed.InvalidCen': NO_CROSS_BORDER,
    'IncorrectStatus.CenNotAssociated': NO_CROSS_BORDER,
    'ResourceNotFound.Cen': NO_CROSS_BORDER,
    'Mismatched.ZoneId': CLOUD_BOX,
    LBNotSupportIpv6Backend: NO_IPV6,
    'OperationDeny.LbNotSupportIPv6Server': NO_IPV6,
    'OperationUnsupported.CreateVServerGroup': OLD_TYPE,
    'OperationUnsupported.AddVServerGroupBackendServers': OLD_TYPE,
    'OperationUnsupported.CreateMasterSlaveServerGroup': OLD_TYPE,
    MasterSlaveServerConflict:
      'the server clashes with a primary/secondary group of the load balancer; take it out of one of the two',
    RealServerPortNotSupport: 'SLB does not take this port of the server; allowed are 1 to 65535',
  }),
  ...quoted(ONE_BACKEND, {
    NetworkConflict: WRONG_NETWORK,
    'InvalidBackendServers.ServerIpConflict':
      'a server with the same address is in the group already; take one of the two out',
    RsTunnelIp2VmNameConflict:
      'another server has the same address behind this load balancer; take one of the two out',
    'IncorrectStatus.RSByPassToas':
      'the server is in a state that SLB cannot work with; take it out, or restart it',
  }),
  ...byWords('InvalidParameter', ONE_BACKEND, [
    [/network type of the ECS instance/i, WRONG_NETWORK],
    [/Port value should be in/i, 'the port of a server is none; allowed are 1 to 65535'],
    [
      /Rs IP is empty|VmName is em|vm address is not support|RsList is illegal/i,
      'SLB cannot find out the address of the server, or does not support it; start it, or take another',
    ],
    [
      /BackendServers is invalid/i,
      'SLB does not take one of the servers; check that it runs, in the VPC and region of the load balancer',
    ],
  ]),
  ...meanings(REJECTED, {
    InstanceBackendServerNumberOverLimit:
      'the load balancer is full: its quota of servers, over all its groups and each port counted, is used up; take servers out, or raise the quota slb_quota_backendservers_num',
  }),
  ...meanings(DEFECT, {
    TooManyBackendServers: 'more servers in one call than SLB takes, which is 20',
    BackendServersMalformed: 'SLB cannot read the list of servers that was sent',
    'InvalidWeight.Malformed': 'a weight that is none; allowed are 0 to 100',
    BACKEND_SERVERS_NUM_MUST_BE_TWO: 'a primary/secondary group has exactly two servers',
    BACKEND_SERVERS_HAVE_SAME_PORT_AND_SERVERID:
      'both members of a primary/secondary group are the same server and port',
    BACKEND_SERVERS_CAN_ONLY_CONTAIN_ONE_MASTER_AND_ONE_SLAVE:
      'a primary/secondary group has one primary and one secondary',
    BACKEND_SERVER_ID_CAN_NOT_EMPTY: 'a member of a primary/secondary group without an id',
    BACKEND_SERVER_PORT_CAN_NOT_EMPTY: 'a member of a primary/secondary group without a port',
    INVALID_SERVER_TYPE: 'a role that is none; allowed are Master and Slave',
  }),
];
