import { MissingListenerError } from '../../../pairs/errors.ts';
import { CONFLICT, DEFECT, type Meaning, meanings, type NextAction, quoted, REJECTED } from './model.ts';

const NO_LISTENER: NextAction = { kind: 'rejected', heldForMs: 60_000, as: MissingListenerError };
const LISTENER = /Listener(?:Attribute)?$/;

const MISSING =
  'the load balancer has no such listener; create it, or correct protocol and port in the configuration';
const ACL =
  'the access control list of the listener stands in the way of any change of it; put the list right in the console';
const SETTING =
  'SLB does not take one of the listener’s own settings; put it right in the console, since only the group is changed here';

/** About listeners; of what stands here only the group behind them is ever changed. */
export const LISTENER_MEANINGS: ReadonlyArray<Meaning> = [
  ...meanings(NO_LISTENER, { ListenerNotFound: MISSING }, { of: LISTENER }),
  ...meanings(
    NO_LISTENER,
    { InvalidParameter: MISSING },
    { of: LISTENER, words: /specified resource does not exist/i },
  ),
  ...meanings(REJECTED, {
    ListenerNotFound: MISSING,
    CheckedListenerNotFound: 'no listener of the load balancer has a health check on this port; turn one on',
    VipNotMatchRspool:
      'the kind of the group does not fit the listener; primary/secondary groups are for TCP and UDP alone',
    'InvalidParam.VServerGroupId': 'SLB does not take the id of the group; correct it in the configuration',
    'OperationDenied.HealthCheckClosedForMasterSlaveMode':
      'the health check of the listener is off, and a primary/secondary group needs it; turn it on',
    LbNotSupportTcpssl: 'this load balancer has no TCPSSL listeners',
    LbSupportTcpsslOnly: 'this load balancer has TCPSSL listeners only',
    'Mismatch.SlbSpecTypeAndListenerProtocol':
      'the specification of the load balancer does not allow listeners of this protocol; take another specification',
    'OperationDenied.FullNatModeNotAllowed': 'the load balancer does not allow full NAT',
    'OperationDenied.OnlyIpv4SlbSupport': 'only a load balancer of IPv4 can do that',
    SpecNotSupportParameter:
      'a load balancer of shared performance cannot do that; take a guaranteed-performance one',
    UnsupportedOperationonfixedprotocalport: 'listeners of this protocol cannot do that',
    ListenerPortConflict: 'another listener has the port already; take another port',
    'InvalidParameter.ListenerPortConflict': 'another listener has the port already; take another port',
    AclNotExist: ACL,
    IpVersionConflict: ACL,
    'OperationNotSupport.Acl': ACL,
    'OperationUnsupported.SetAccessControl': ACL,
    AclListenerOverLimit: ACL,
    'QuotaLimitExceeds.AclAttachedToListener': ACL,
    'QuotaLimitExceeds.TotalAclEntry': ACL,
    'QuotaLimitExceeds.AclListenerOverLimit': ACL,
    'IllegalParam.HealthCheck': SETTING,
    'MissingParam.HealthCheckConnectPort': SETTING,
    'InvalidParamLength.HealthCheckReq': SETTING,
    'InvalidParamLength.HealthCheckExp': SETTING,
    ListenerNumberOverLimit:
      'the load balancer has as many listeners as its quota allows; delete one, or raise slb_quota_listeners_num',
  }),
  ...quoted(REJECTED, {
    'Duplicated.AclEntry': ACL,
    'InvalidParameterValue.SpecNotSupport': SETTING,
    'InvalidParameterValue.RegionNotSupport': SETTING,
    'InvalidParameterValue.ZoneNotSupport': SETTING,
  }),
  ...meanings(CONFLICT, { ListenerAlreadyExists: 'the listener exists by now' }),
  ...meanings(DEFECT, {
    'Abs.VServerGroupIdAndMasterSlaveServerGroupId.MissMatch':
      'a listener has a vServer group or a primary/secondary group, and was to get both or neither',
    'IllegalParam.FailoverThreshold': 'a parameter that is never sent',
    'IllegalParam.FailoverStrategy': 'a parameter that is never sent',
    'InvalidParam.ListenerPort': 'a listener’s port that is none; allowed are 1 to 65535',
    'InvalidParam.StartPort': 'a parameter that is never sent',
    'InvalidParam.EndPort': 'a parameter that is never sent',
    'InvalidParam.PortRange': 'a parameter that is never sent',
    'InvalidParamSize.PortRange': 'a parameter that is never sent',
  }),
];
