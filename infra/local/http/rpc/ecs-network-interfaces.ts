import { z } from 'zod';
import type { NetworkInterface, NetworkInterfacePage } from '../../world/ecs/network-interfaces.ts';
import { integer, tagsToMatch, text, wireTags } from './wire.ts';

/** What DescribeNetworkInterfaces is sent. */
export const interfaceParameters = z
  .object({
    RegionId: text,
    NetworkInterfaceId: z.array(text).optional(),
    Status: text.optional(),
    Type: text.optional(),
    InstanceId: text.optional(),
    VpcId: text.optional(),
    Tag: tagsToMatch.optional(),
    MaxResults: integer.optional(),
    NextToken: text.optional(),
  })
  .transform((wire) => ({
    networkInterfaceIds: wire.NetworkInterfaceId,
    status: wire.Status,
    type: wire.Type,
    instanceId: wire.InstanceId,
    vpcId: wire.VpcId,
    tags: wire.Tag,
    maxResults: wire.MaxResults,
    nextToken: wire.NextToken,
  }));

/** DescribeNetworkInterfaces. */
export function interfacesDescribed({ interfaces, nextToken }: NetworkInterfacePage): object {
  return {
    NetworkInterfaceSets: { NetworkInterfaceSet: interfaces.map(wireInterface) },
    NextToken: nextToken,
  };
}

function wireInterface(found: NetworkInterface): object {
  const [primary] = found.privateIpAddresses;
  return {
    NetworkInterfaceId: found.networkInterfaceId,
    NetworkInterfaceName: found.networkInterfaceId,
    Type: found.type,
    Status: found.status,
    InstanceId: found.instanceId ?? '',
    VpcId: found.vpcId,
    VSwitchId: found.vSwitchId,
    ZoneId: found.zoneId,
    PrivateIpAddress: primary,
    PrivateIpSets: {
      PrivateIpSet: found.privateIpAddresses.map((address) => ({
        PrivateIpAddress: address,
        Primary: address === primary,
      })),
    },
    Tags: { Tag: wireTags(found.tags) },
  };
}
