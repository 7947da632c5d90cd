import type { GroupWriteAnswer } from '../../world/slb/groups.ts';
import type { ListenerPage } from '../../world/slb/listener-pages.ts';
import type { LoadBalancerPage } from '../../world/slb/load-balancers.ts';
import type {
  BackendHealth,
  BackendServer,
  Listener,
  LoadBalancer,
  Rule,
  VServerGroup,
} from '../../world/slb/model.ts';
import type { GroupWithUsers, LoadBalancerWithListeners } from '../../world/slb/operations.ts';
import { secondsTime, wireTags } from './wire.ts';

/** What Add, Create, Modify and Set answer. */
export function groupWritten({ vServerGroupId, backends }: GroupWriteAnswer): object {
  return {
    VServerGroupId: vServerGroupId,
    BackendServers: { BackendServer: backends.map(wireBackend) },
  };
}

/** Set also answers the name. */
export function groupSet(answer: GroupWriteAnswer): object {
  return { ...groupWritten(answer), VServerGroupName: answer.vServerGroupName };
}

/** Remove's servers come without their descriptions. */
export function backendsRemoved({ vServerGroupId, backends }: GroupWriteAnswer): object {
  const withoutDescription = backends.map((backend) => {
    const { Description: _, ...rest } = wireBackend(backend);
    return rest;
  });
  return { VServerGroupId: vServerGroupId, BackendServers: { BackendServer: withoutDescription } };
}

/** DescribeVServerGroupAttribute. */
export function groupDescribed(group: VServerGroup): object {
  return {
    VServerGroupId: group.vServerGroupId,
    VServerGroupName: group.vServerGroupName,
    LoadBalancerId: group.loadBalancerId,
    CreateTime: secondsTime(group.createdAtMs),
    BackendServers: { BackendServer: group.backends.map(wireBackend) },
    Tags: { Tag: wireTags(group.tags) },
  };
}

/** DescribeVServerGroups. */
export function groupsDescribed(groups: ReadonlyArray<GroupWithUsers>): object {
  const described = groups.map(({ group, listeners, rules }) => ({
    VServerGroupId: group.vServerGroupId,
    VServerGroupName: group.vServerGroupName,
    ServerCount: group.backends.length,
    CreateTime: secondsTime(group.createdAtMs),
    AssociatedObjects: {
      Listeners: {
        Listener: listeners.map(({ listenerPort, listenerProtocol }) => ({
          Port: listenerPort,
          Protocol: listenerProtocol,
        })),
      },
      Rules: {
        Rule: rules.map(({ ruleId, ruleName, domain, url }) => ({
          RuleId: ruleId,
          RuleName: ruleName,
          Domain: domain,
          Url: url,
        })),
      },
    },
    Tags: { Tag: wireTags(group.tags) },
  }));
  return { VServerGroups: { VServerGroup: described } };
}

/** CreateLoadBalancer. */
export function loadBalancerCreated(created: LoadBalancer): object {
  return {
    LoadBalancerId: created.loadBalancerId,
    LoadBalancerName: created.loadBalancerName,
    Address: created.address,
    VpcId: created.vpcId ?? '',
    VSwitchId: created.vSwitchId ?? '',
    NetworkType: created.vpcId === null ? 'classic' : 'vpc',
    AddressIPVersion: 'ipv4',
  };
}

/** DescribeLoadBalancers. */
export function loadBalancersDescribed(page: LoadBalancerPage, region: string): object {
  return {
    LoadBalancers: { LoadBalancer: page.loadBalancers.map((row) => wireLoadBalancer(row, region)) },
    TotalCount: page.totalCount,
    PageNumber: page.pageNumber,
    PageSize: page.pageSize,
  };
}

/** DescribeLoadBalancerAttribute, with both spellings of the listeners' list. */
export function loadBalancerDescribed(found: LoadBalancerWithListeners, region: string): object {
  const { loadBalancer, listeners } = found;
  return {
    ...wireLoadBalancer(loadBalancer, region),
    ListenerPorts: { ListenerPort: listeners.map((listener) => listener.listenerPort) },
    ListenerPortsAndProtocol: {
      ListenerPortAndProtocol: listeners.map((listener) => ({
        ListenerPort: listener.listenerPort,
        ListenerProtocol: listener.listenerProtocol,
        Description: listener.description,
      })),
    },
    ListenerPortsAndProtocal: {
      ListenerPortAndProtocal: listeners.map((listener) => ({
        ListenerPort: listener.listenerPort,
        ListenerProtocal: listener.listenerProtocol,
      })),
    },
    BackendServers: {
      BackendServer: (loadBalancer.defaultServers ?? []).map(({ serverId, weight }) => ({
        ServerId: serverId,
        Weight: weight,
        Type: 'ecs',
        Description: '',
      })),
    },
  };
}

/**
 * DescribeLoadBalancerListeners: flat arrays, unlike the rest, and the settings under the protocol's name. Without a
 * listener the list is left out, as documented.
 */
export function listenersDescribed(page: ListenerPage): object {
  const listeners = page.listeners.map((listener) => ({
    LoadBalancerId: listener.loadBalancerId,
    ListenerPort: listener.listenerPort,
    ListenerProtocol: listener.listenerProtocol,
    Status: listener.status,
    Scheduler: listener.scheduler,
    Bandwidth: listener.bandwidth,
    Description: listener.description,
    ...wireTarget(listener),
    AclStatus: 'off',
    AclIds: [],
    Tags: wireTags(listener.tags),
    [`${listener.listenerProtocol.toUpperCase()}ListenerConfig`]: {
      ...listener.settings,
      // A vServer group's id is outside, this one inside.
      ...(listener.masterSlaveServerGroupId && {
        MasterSlaveServerGroupId: listener.masterSlaveServerGroupId,
      }),
    },
  }));
  return {
    ...(listeners.length > 0 && { Listeners: listeners }),
    TotalCount: page.totalCount,
    MaxResults: page.maxResults,
    NextToken: page.nextToken,
  };
}

/** DescribeLoadBalancerTCPListenerAttribute and its sisters. */
export function listenerDescribed(listener: Listener): object {
  return {
    LoadBalancerId: listener.loadBalancerId,
    ListenerPort: listener.listenerPort,
    Status: listener.status,
    Scheduler: listener.scheduler,
    Bandwidth: listener.bandwidth,
    Description: listener.description,
    ...wireTarget(listener),
    ...(listener.masterSlaveServerGroupId && { MasterSlaveServerGroupId: listener.masterSlaveServerGroupId }),
    ...listener.settings,
    // A string in the list of listeners, a boolean here.
    ...(listener.settings.ProxyProtocolV2Enabled !== undefined && {
      ProxyProtocolV2Enabled: listener.settings.ProxyProtocolV2Enabled === 'true',
    }),
    AclStatus: 'off',
    Tags: { Tag: wireTags(listener.tags) },
  };
}

/** DescribeHealthStatus. */
export function healthDescribed(backends: ReadonlyArray<BackendHealth>): object {
  const described = backends.map((backend) => ({
    ListenerPort: backend.listenerPort,
    Protocol: backend.protocol,
    Port: backend.port,
    ServerId: backend.serverId,
    ServerIp: backend.serverIp,
    ServerHealthStatus: backend.serverHealthStatus,
  }));
  return { BackendServers: { BackendServer: described } };
}

/** CreateRules. */
export function rulesCreated(rules: ReadonlyArray<Rule>): object {
  return {
    Rules: { Rule: rules.map(({ ruleId, ruleName }) => ({ RuleId: ruleId, RuleName: ruleName })) },
  };
}

/** DescribeRules. Every rule is checked and scheduled as its listener is (`ListenerSync`). */
export function rulesDescribed(rules: ReadonlyArray<Rule>): object {
  const described = rules.map((rule) => ({
    RuleId: rule.ruleId,
    RuleName: rule.ruleName,
    Domain: rule.domain,
    Url: rule.url,
    VServerGroupId: rule.vServerGroupId,
    ListenerSync: 'on',
  }));
  return { Rules: { Rule: described } };
}

function wireBackend(backend: BackendServer) {
  return {
    ServerId: backend.serverId,
    Port: backend.port,
    Weight: backend.weight,
    Type: backend.type,
    Description: backend.description,
    ...(backend.serverIp !== null && { ServerIp: backend.serverIp }),
  };
}

function wireTarget({ vServerGroupId, masterSlaveServerGroupId, backendServerPort }: Listener): object {
  if (vServerGroupId !== null) return { VServerGroupId: vServerGroupId };
  return masterSlaveServerGroupId ? {} : { BackendServerPort: backendServerPort };
}

function wireLoadBalancer(row: LoadBalancer, region: string) {
  return {
    LoadBalancerId: row.loadBalancerId,
    LoadBalancerName: row.loadBalancerName,
    LoadBalancerStatus: row.loadBalancerStatus,
    Address: row.address,
    AddressType: row.addressType,
    AddressIPVersion: 'ipv4',
    VpcId: row.vpcId ?? '',
    VSwitchId: row.vSwitchId ?? '',
    NetworkType: row.vpcId === null ? 'classic' : 'vpc',
    RegionId: region,
    RegionIdAlias: region,
    MasterZoneId: `${region}-h`,
    SlaveZoneId: `${region}-i`,
    CreateTime: secondsTime(row.createdAtMs),
    CreateTimeStamp: row.createdAtMs,
    PayType: 'PayOnDemand',
    LoadBalancerSpec: row.loadBalancerSpec ?? 'slb.lcu.elastic',
    InternetChargeType: 'paybytraffic',
    DeleteProtection: 'off',
    ModificationProtectionStatus: 'NonProtection',
    ModificationProtectionReason: '',
    Tags: { Tag: wireTags(row.tags) },
  };
}
