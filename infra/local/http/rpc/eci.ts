import type { Hono } from 'hono';
import { z } from 'zod';
import { type ContainerGroup, type Eci, eciOperations } from '../../world/eci/eci.ts';
import { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { LocalEnv } from '../connection.ts';
import { createRpcApp } from './app.ts';
import { type RpcOperation, type RpcProduct, rpcOperation } from './product.ts';
import { integer, secondsTime, tagsToMatch, text } from './wire.ts';

/** ECI's endpoint, API version 2018-08-08. */
export function createEciApp(foundation: Foundation, eci: Eci): Hono<LocalEnv> {
  return createRpcApp(foundation, eciProduct(foundation, eci));
}

/** The operations of that endpoint, whatever carries the calls. */
export function eciProduct(foundation: Foundation, eci: Eci): RpcProduct {
  const { region } = foundation;
  return {
    product: 'eci',
    version: '2018-08-08',
    hostId: `eci.${region}.aliyuncs.com`,
    operations: new Map<string, RpcOperation>([
      [
        'DescribeContainerGroups',
        rpcOperation(eciOperations(foundation, eci).DescribeContainerGroups, {
          parameters: z
            .object({
              RegionId: text,
              ContainerGroupIds: text.transform(parseIds).optional(),
              Status: text.optional(),
              Tag: tagsToMatch.optional(),
              Limit: integer.optional(),
              NextToken: text.optional(),
            })
            .transform((wire) => ({
              containerGroupIds: wire.ContainerGroupIds,
              status: wire.Status,
              tags: wire.Tag,
              limit: wire.Limit,
              nextToken: wire.NextToken,
            })),
          answer: ({ groups, totalCount, nextToken }) => ({
            ContainerGroups: groups.map((group) => wireGroup(group, region)),
            TotalCount: totalCount,
            NextToken: nextToken,
          }),
        }),
      ],
    ]),
  };
}

function wireGroup(group: ContainerGroup, region: string): object {
  return {
    ContainerGroupId: group.containerGroupId,
    ContainerGroupName: group.containerGroupName,
    Status: group.status,
    RegionId: region,
    ZoneId: `${region}-h`,
    VpcId: group.vpcId,
    IntranetIp: group.intranetIp,
    EniInstanceId: `eni-${group.containerGroupId.slice(4)}`,
    CreationTime: secondsTime(group.createdAtMs),
    RestartPolicy: 'Always',
    Tags: group.tags.map(({ key, value }) => ({ Key: key, Value: value })),
  };
}

/** `ContainerGroupIds` holds a JSON array of ids. */
function parseIds(json: string): Array<string> {
  try {
    return z.array(z.string()).parse(JSON.parse(json));
  } catch {
    throw new CloudError(
      400,
      'InvalidParameter',
      'The specified parameter "ContainerGroupIds" is not valid.',
    );
  }
}
