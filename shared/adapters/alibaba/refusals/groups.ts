import type { RejectedError } from '../../../errors.ts';
import { GroupInUseError, MissingPairGroupError } from '../../../pairs/errors.ts';
import { MissingGroupError } from '../../../server-groups/errors.ts';
import { CONFLICT, type Meaning, meanings, type NextAction, quoted, REJECTED } from './model.ts';

/** Looked at each minute until it is back. */
const missing = (as: typeof RejectedError): NextAction => ({ kind: 'rejected', heldForMs: 60_000, as });
const IN_USE: NextAction = { kind: 'rejected', heldForMs: 60_000, as: GroupInUseError };

const PAIR_GROUP = /MasterSlaveServerGroup/;
/** A TCP or UDP listener is pointed at primary/secondary groups here. */
const LAYER_4 = /^SetLoadBalancer(?:TCP|UDP)ListenerAttribute$/;
const DELETES = /^Delete(?:VServerGroup|MasterSlaveServerGroup)$/;
/** The code of a missing group is shared with every bad parameter; the second is without "Server", too. */
const NO_GROUP = /(?:MasterSlave(?:Server)?GroupId|VServerGroupId) does not exist/i;

const NO_PAIR_GROUP =
  'the primary/secondary group does not exist on this load balancer; somebody has deleted it, or it is another one’s';
const NO_VSERVER_GROUP =
  'the vServer group does not exist on this load balancer; create it, or correct the id in the configuration';

/** About groups, and the load balancer that they are of. */
export const GROUP_MEANINGS: ReadonlyArray<Meaning> = [
  ...[PAIR_GROUP, LAYER_4].flatMap((of) => [
    ...meanings(missing(MissingPairGroupError), { InvalidParameter: NO_PAIR_GROUP }, { of, words: NO_GROUP }),
    ...meanings(missing(MissingPairGroupError), { 'ResourceNotFound.VServerGroup': NO_PAIR_GROUP }, { of }),
  ]),
  ...meanings(missing(MissingGroupError), { InvalidParameter: NO_VSERVER_GROUP }, { words: NO_GROUP }),
  ...meanings(missing(MissingGroupError), { 'ResourceNotFound.VServerGroup': NO_VSERVER_GROUP }),
  ...meanings(
    IN_USE,
    {
      RspoolVipExist:
        'a listener uses the group, or did until a moment ago; it can be deleted when none does',
      RspoolRuleExist: 'a forwarding rule uses the group; it can be deleted when none does',
    },
    { of: DELETES },
  ),
  ...meanings(CONFLICT, {
    RspoolVipExist: 'a listener uses the group by now',
    RspoolRuleExist: 'a forwarding rule uses the group by now',
  }),
  ...meanings(REJECTED, {
    'InvalidLoadBalancerId.NotFound':
      'the load balancer does not exist in this region; correct the id in the configuration',
    LbStatusNotSupport:
      'the load balancer is locked or inactive and takes no change; unlock or start it in the console (an unpaid bill locks it, too)',
    VServerGroupEmpty: 'SLB does not let a listener use a group without servers; put one in first',
    'OperationFailed.ActionNotSupport':
      'this kind of load balancer cannot do that; take one of a kind that can',
    UnsupportedOperation: 'this kind of load balancer cannot do that; take one of a kind that can',
    AccountHasArrearage: 'the account has an unpaid bill; SLB takes no change until it is paid',
    UnauthorizedRegion:
      'the account may not use this region; enable it, or correct the region in the configuration',
    'OperationFailed.Endpoint':
      'the endpoint is not of this region; correct SLB_ENDPOINT or the region in the configuration',
    'InvalidRegionId.NotFound': 'the region does not exist; correct it in the configuration',
    RegionNotSupport: 'SLB does not do this in this region',
  }),
  ...quoted(REJECTED, {
    ActionNotAllowed:
      'the load balancer does not allow that now, as while it is locked or its specification is changed',
    'InvalidParameter.RegionNotSupport': 'SLB does not do this in this region',
    'InvalidParameter.ZoneNotSupport': 'SLB does not do this in the zone of the load balancer',
  }),
];
