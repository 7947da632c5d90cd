import type { InstancePage, VisibleInstance } from '../../world/ecs/query.ts';
import { minuteTime, wireTags } from './wire.ts';

/** RunInstances. */
export function instancesRun(instanceIds: ReadonlyArray<string>): object {
  return { InstanceIdSets: { InstanceIdSet: instanceIds }, OrderId: '', TradePrice: 0 };
}

/** DescribeInstances. */
export function instancesDescribed(page: InstancePage, region: string): object {
  return {
    Instances: { Instance: page.instances.map((instance) => wireInstance(instance, region)) },
    TotalCount: page.totalCount,
    PageNumber: page.pageNumber,
    PageSize: page.pageSize,
    NextToken: page.nextToken,
  };
}

/** DescribeInstanceStatus. */
export function statusesDescribed(page: InstancePage): object {
  const statuses = page.instances.map(({ instanceId, status }) => ({
    InstanceId: instanceId,
    Status: status,
  }));
  return {
    InstanceStatuses: { InstanceStatus: statuses },
    TotalCount: page.totalCount,
    PageNumber: page.pageNumber,
    PageSize: page.pageSize,
  };
}

// The same instances are described again and again; one that changes becomes another object.
const wired = new WeakMap<VisibleInstance, { readonly region: string; readonly answer: object }>();

function wireInstance(instance: VisibleInstance, region: string): object {
  const known = wired.get(instance);
  if (known?.region === region) return known.answer;
  const answer = makeWireInstance(instance, region);
  wired.set(instance, { region, answer });
  return answer;
}

function makeWireInstance(instance: VisibleInstance, region: string): object {
  return {
    InstanceId: instance.instanceId,
    InstanceName: instance.instanceName,
    HostName: instance.instanceId.replaceAll('-', ''),
    Description: '',
    Status: instance.status,
    RegionId: region,
    ZoneId: instance.zoneId,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType,
    InstanceTypeFamily: instance.instanceType.split('.').slice(0, 2).join('.'),
    Cpu: 2,
    Memory: 8_192,
    OSType: 'linux',
    OSName: 'Alibaba Cloud Linux 3 64-bit',
    CreationTime: minuteTime(instance.createdAtMs),
    StartTime: instance.startedAtMs === null ? '' : minuteTime(instance.startedAtMs),
    ExpiredTime: '2099-12-31T15:59Z',
    AutoReleaseTime: '',
    InstanceChargeType: 'PostPaid',
    InternetChargeType: 'PayByTraffic',
    SpotStrategy: instance.spotStrategy ?? 'NoSpot',
    StoppedMode: instance.status === 'Stopped' ? 'KeepCharging' : 'Not-applicable',
    DeletionProtection: false,
    DeviceAvailable: true,
    IoOptimized: true,
    Recyclable: false,
    InstanceNetworkType: 'vpc',
    VpcAttributes: {
      VpcId: instance.vpcId,
      VSwitchId: instance.vSwitchId,
      NatIpAddress: '',
      PrivateIpAddress: { IpAddress: [instance.privateIpAddress] },
    },
    NetworkInterfaces: {
      NetworkInterface: [
        {
          NetworkInterfaceId: instance.networkInterfaceId,
          Type: 'Primary',
          PrimaryIpAddress: instance.privateIpAddress,
          MacAddress: macAddress(instance.sequence),
          PrivateIpSets: {
            PrivateIpSet: [{ PrivateIpAddress: instance.privateIpAddress, Primary: true }],
          },
        },
      ],
    },
    EipAddress: { AllocationId: '', IpAddress: '', InternetChargeType: '' },
    PublicIpAddress: { IpAddress: [] },
    InnerIpAddress: { IpAddress: [] },
    SecurityGroupIds: { SecurityGroupId: instance.securityGroupIds },
    Tags: { Tag: wireTags(instance.tags) },
    OperationLocks: {
      LockReason: (instance.lockReasons ?? []).map((reason) => ({ LockReason: reason, LockMsg: '' })),
    },
  };
}

function macAddress(sequence: number): string {
  const digits = sequence.toString(16).padStart(6, '0').slice(-6);
  return `00:16:3e:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
}
