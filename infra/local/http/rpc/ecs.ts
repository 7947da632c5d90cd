import type { Hono } from 'hono';
import { z } from 'zod';
import type { Ecs } from '../../world/ecs/ecs.ts';
import { type EcsOperations, ecsOperations } from '../../world/ecs/operations.ts';
import { ecsRefusals } from '../../world/ecs/refusals.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { LocalEnv } from '../connection.ts';
import { createRpcApp } from './app.ts';
import { instancesDescribed, instancesRun, statusesDescribed } from './ecs-answers.ts';
import { fullStatusesDescribed, fullStatusParameters } from './ecs-full-status.ts';
import { interfaceParameters, interfacesDescribed } from './ecs-network-interfaces.ts';
import { nothing, type RpcOperation, type RpcProduct, rpcOperation } from './product.ts';
import { flag, integer, tagsToSet, text } from './wire.ts';

/** ECS' endpoint, API version 2014-05-26. */
export function createEcsApp(foundation: Foundation, ecs: Ecs): Hono<LocalEnv> {
  return createRpcApp(foundation, ecsProduct(foundation, ecs));
}

/** The operations of that endpoint, whatever carries the calls. */
export function ecsProduct(foundation: Foundation, ecs: Ecs): RpcProduct {
  const operations = ecsOperations(foundation, ecs);
  return {
    product: 'ecs',
    version: '2014-05-26',
    hostId: `ecs.${foundation.region}.aliyuncs.com`,
    operations: new Map<string, RpcOperation>(
      Object.entries({
        ...changingCalls(operations),
        ...readingCalls(operations, foundation.region),
        ...taggingCalls(operations),
      }),
    ),
  };
}

const instanceInput = z
  .object({
    InstanceId: text,
    DryRun: flag.optional(),
    ForceStop: flag.optional(),
    Force: flag.optional(),
  })
  .transform((wire) => ({
    instanceId: wire.InstanceId,
    dryRun: wire.DryRun,
    forceStop: wire.ForceStop,
    force: wire.Force,
  }));

function changingCalls(operations: EcsOperations) {
  const onInstance = { parameters: instanceInput, answer: nothing };
  return {
    RunInstances: rpcOperation(operations.RunInstances, {
      parameters: z
        .object({
          RegionId: text,
          Amount: integer.default(1),
          ImageId: text.optional(),
          InstanceType: text.optional(),
          InstanceName: text.optional(),
          UniqueSuffix: flag.optional(),
          ZoneId: text.optional(),
          VSwitchId: text.optional(),
          SecurityGroupId: text.optional(),
          SecurityGroupIds: z.array(text).optional(),
          Tag: tagsToSet.optional(),
          SpotStrategy: text.optional(),
          ClientToken: text.optional(),
          DryRun: flag.optional(),
        })
        .transform((wire) => ({
          amount: wire.Amount,
          imageId: wire.ImageId,
          instanceType: wire.InstanceType,
          instanceName: wire.InstanceName,
          uniqueSuffix: wire.UniqueSuffix,
          zoneId: wire.ZoneId,
          vSwitchId: wire.VSwitchId,
          securityGroupIds:
            wire.SecurityGroupId === undefined ? wire.SecurityGroupIds : [wire.SecurityGroupId],
          tags: wire.Tag,
          spotStrategy: wire.SpotStrategy,
          clientToken: wire.ClientToken,
          dryRun: wire.DryRun,
        })),
      answer: instancesRun,
    }),
    StartInstance: rpcOperation(operations.StartInstance, onInstance),
    StopInstance: rpcOperation(operations.StopInstance, onInstance),
    RebootInstance: rpcOperation(operations.RebootInstance, onInstance),
    DeleteInstance: rpcOperation(operations.DeleteInstance, onInstance),
  };
}

function readingCalls(operations: EcsOperations, region: string) {
  return {
    DescribeInstances: rpcOperation(operations.DescribeInstances, {
      parameters: z
        .object({
          RegionId: text,
          InstanceIds: text.transform(parseInstanceIds).optional(),
          InstanceName: text.optional(),
          Status: text.optional(),
          VpcId: text.optional(),
          VSwitchId: text.optional(),
          ZoneId: text.optional(),
          LockReason: text.optional(),
          PrivateIpAddresses: text.transform(parseAddresses).optional(),
          // A value without its key has an error of its own.
          Tag: z.array(z.object({ Key: text.optional(), Value: text.optional() })).optional(),
          MaxResults: integer.optional(),
          NextToken: text.optional(),
          PageNumber: integer.optional(),
          PageSize: integer.optional(),
          DryRun: flag.optional(),
        })
        .transform((wire) => ({
          instanceIds: wire.InstanceIds,
          instanceName: wire.InstanceName,
          status: wire.Status,
          vpcId: wire.VpcId,
          vSwitchId: wire.VSwitchId,
          zoneId: wire.ZoneId,
          lockReason: wire.LockReason,
          privateIpAddresses: wire.PrivateIpAddresses,
          tags: wire.Tag?.map(({ Key, Value }) => ({ key: Key, value: Value })),
          maxResults: wire.MaxResults,
          nextToken: wire.NextToken,
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
          dryRun: wire.DryRun,
        })),
      answer: (page) => instancesDescribed(page, region),
    }),
    DescribeInstanceStatus: rpcOperation(operations.DescribeInstanceStatus, {
      parameters: z
        .object({
          RegionId: text,
          InstanceId: z.array(text).max(100).optional(),
          ZoneId: text.optional(),
          PageNumber: integer.optional(),
          PageSize: integer.pipe(z.number().max(50)).optional(),
        })
        .transform((wire) => ({
          instanceIds: wire.InstanceId,
          zoneId: wire.ZoneId,
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
        })),
      answer: statusesDescribed,
    }),
    DescribeNetworkInterfaces: rpcOperation(operations.DescribeNetworkInterfaces, {
      parameters: interfaceParameters,
      answer: interfacesDescribed,
    }),
    DescribeInstancesFullStatus: rpcOperation(operations.DescribeInstancesFullStatus, {
      parameters: fullStatusParameters,
      answer: fullStatusesDescribed,
    }),
  };
}

function taggingCalls(operations: EcsOperations) {
  const resources = {
    RegionId: text,
    ResourceType: z.literal('instance'),
    ResourceId: z.array(text).min(1).max(50),
  };
  return {
    TagResources: rpcOperation(operations.TagResources, {
      parameters: z
        .object({ ...resources, Tag: tagsToSet })
        .transform((wire) => ({ resourceIds: wire.ResourceId, tags: wire.Tag })),
      answer: nothing,
    }),
    UntagResources: rpcOperation(operations.UntagResources, {
      parameters: z
        .object({ ...resources, TagKey: z.array(text).max(20).default([]), All: flag.optional() })
        .transform((wire) => ({ resourceIds: wire.ResourceId, tagKeys: wire.TagKey, all: wire.All })),
      answer: nothing,
    }),
  };
}

/** `InstanceIds` holds a JSON array of ids. */
function parseInstanceIds(json: string): Array<string> {
  const ids = parseTexts(json);
  if (ids === null) throw ecsRefusals.malformedInstanceIds();
  return ids;
}

/** `PrivateIpAddresses` holds a JSON array of addresses. */
function parseAddresses(json: string): Array<string> {
  const addresses = parseTexts(json);
  if (addresses === null) throw ecsRefusals.invalidParameter('PrivateIpAddresses');
  return addresses;
}

const Texts = z.array(z.string());

function parseTexts(json: string): Array<string> | null {
  try {
    return Texts.parse(JSON.parse(json));
  } catch {
    return null;
  }
}
