import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../../shared/instances/model.ts';
import { backendKey } from '../../../../shared/server-groups/model.ts';
import {
  aBackend,
  aBinding,
  aContainerInstance,
  aLoadBalancer,
  anInterface,
  aRow,
} from '../../../support/builders.ts';
import { PlayedLane } from '../played-lane.ts';

const ENI = 'eni-bp1pod0001';
const ECI = 'eci-bp1pod0001';
const FIRST = `${ENI}@10.0.0.1:8080`;
const SECOND = `${ENI}@10.0.0.2:8080`;
const CONTAINER = `${ECI}@10.0.1.1:8081`;

const interfaces = aBinding({ type: 'eni', addresses: 'all', join: { rampPercents: [50] } });
const containers = aBinding({ name: 'jobs', type: 'eci', ports: [{ port: 8081, weight: 30 }] });
const twoAddresses = (overrides: Partial<Instance> = {}) =>
  anInterface(ENI, ['10.0.0.1', '10.0.0.2'], overrides);

/** `eni-…@10.0.0.1:8080=100` for each backend. */
const members = (lane: PlayedLane) =>
  [...lane.list.values()].map((backend) => `${backendKey(backend)}=${backend.weight}`).sort();
/** What the comparison tells a lane whose binding selects what nobody has a record of. */
const found = (lane: PlayedLane, instanceId: string) =>
  lane.hear(instanceId, { kind: 'state', state: 'Running' }, { eventAtMs: null });

/** Both bindings, with the interface and the container instance in the group and in service. */
function serving(): PlayedLane {
  const lane = new PlayedLane(interfaces, containers).withInstances(
    twoAddresses(),
    aContainerInstance(ECI, '10.0.1.1'),
  );
  found(lane, ENI);
  found(lane, ECI);
  lane.look();
  return lane.advance(60_000);
}

describe('two addresses of a network interface and a container instance', () => {
  it('join once a comparison has found them, and get their weights up the ramp', () => {
    const lane = new PlayedLane(interfaces, containers).withInstances(
      twoAddresses(),
      aContainerInstance(ECI, '10.0.1.1'),
    );
    found(lane, ENI);
    found(lane, ECI);

    lane.look();
    lane.advance(2_000);
    // Nobody is in full service yet, so nothing is ramped: capacity beats comfort.
    expect(members(lane)).toEqual([`${CONTAINER}=30`, `${FIRST}=100`, `${SECOND}=100`]);

    const later = serving().withInstances(anInterface('eni-bp1pod0002', ['10.0.0.3', '10.0.0.4']));
    found(later, 'eni-bp1pod0002').look();
    later.advance(2_000);
    expect(members(later)).toContain('eni-bp1pod0002@10.0.0.3:8080=50');
    later.advance(60_000);
    expect(members(later)).toContain('eni-bp1pod0002@10.0.0.4:8080=100');
    expect([...later.rows.values()].map(({ phase }) => phase)).toEqual(Array(5).fill('in-service'));
  });

  it('are drained and removed like stopped instances when they are out, each by its own state', () => {
    const lane = serving();
    lane.withInstances(twoAddresses({ status: 'Stopped', vendorStatus: 'Available' })).look();

    expect(members(lane)).toEqual([`${CONTAINER}=30`, `${FIRST}=0`, `${SECOND}=0`]);
    expect(lane.decisions.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/^the instance is Available; /),
    );
    lane.advance(31_000);
    expect(members(lane)).toEqual([`${CONTAINER}=30`]);

    lane.withInstances(aContainerInstance(ECI, '10.0.1.1', { status: 'Stopped', vendorStatus: 'Failed' }));
    lane.look();
    lane.advance(31_000);
    expect(members(lane)).toEqual([]);
    expect([...lane.rows.values()]).toEqual([]);
  });

  it('are gone when they were absent twice a minute apart, and not before', () => {
    const lane = serving();
    lane.instances.delete(ECI);

    lane.look();
    lane.advance(59_000);
    expect(members(lane)).toContain(`${CONTAINER}=30`);
    lane.advance(2_000);

    expect(members(lane)).toEqual([`${FIRST}=100`, `${SECOND}=100`]);
    expect(lane.decisions.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/^ECI has not listed the instance for a minute; /),
    );
  });

  it('stay as they are while nobody can tell whether an empty answer means anything', () => {
    const lane = serving();
    lane.instances.delete(ECI);
    const { asked, present } = lane.input().instances;
    lane.overrides = {
      instances: { present, asked: new Set([...asked].filter((id) => id !== ECI)) },
    };

    lane.look();
    lane.advance(120_000);

    expect(members(lane)).toContain(`${CONTAINER}=30`);
  });

  it('that are selected no more leave only as far as a selector can be believed', () => {
    const lane = serving();
    lane.withInstances(twoAddresses({ tags: { role: 'retired' } })).look();

    expect(members(lane)).toContain(`${FIRST}=100`);
    expect(lane.row(ENI)?.held?.by).toBe('unsure');
  });
});

describe('an address of a network interface', () => {
  it('that is taken from it leaves alone, without a guard: nothing reaches it any more', () => {
    const lane = serving();
    lane.withInstances(anInterface(ENI, ['10.0.0.1'])).look();

    expect(members(lane)).toEqual([`${CONTAINER}=30`, `${FIRST}=100`, `${SECOND}=0`]);
    lane.advance(31_000);
    expect(members(lane)).toEqual([`${CONTAINER}=30`, `${FIRST}=100`]);
  });

  it('that the binding does not want any more is drained, and the primary one stays', () => {
    const lane = serving();
    lane.bindings = [aBinding({ type: 'eni', addresses: 'primary' }), containers];
    lane.look();
    lane.advance(31_000);

    expect(members(lane)).toEqual([`${CONTAINER}=30`, `${FIRST}=100`]);
  });

  it('shares its port with servers of another type, each by the policy of its own binding', () => {
    const onOnePort = [aBinding({ type: 'eni' }), { ...containers, ports: [{ port: 8080, weight: 30 }] }];
    const lane = new PlayedLane(...onOnePort).withInstances(
      anInterface(ENI, ['10.0.0.1']),
      aContainerInstance(ECI, '10.0.1.1'),
    );
    found(lane, ENI);
    found(lane, ECI);
    lane.look();
    lane.advance(60_000);
    expect(members(lane)).toEqual([`${ECI}@10.0.1.1:8080=30`, `${FIRST}=100`]);

    lane.order(ECI, 'change-request').look();
    lane.advance(31_000);
    expect(members(lane)).toEqual([`${FIRST}=100`]);
    expect([...lane.rows.values()].map(({ binding }) => binding)).toEqual(['jobs', 'web']);
  });

  it('is never brought in by what is said about an instance of another type', () => {
    const lane = new PlayedLane(aBinding()).withInstances(twoAddresses());
    lane.override(ENI, 600_000, { joins: true }).look();

    expect(members(lane)).toEqual([]);
    expect([...lane.rows.values()]).toEqual([]);
  });
});

describe('an order about an instance', () => {
  it('is about all of its addresses, and so is its end', () => {
    const lane = serving();
    lane.order(ENI, 'change-request').look();
    lane.advance(31_000);
    expect(members(lane)).toEqual([`${CONTAINER}=30`]);

    lane.takeBack(ENI, 'change-request').look();
    lane.advance(60_000);
    expect(members(lane)).toEqual([`${CONTAINER}=30`, `${FIRST}=100`, `${SECOND}=100`]);
  });
});

describe('readiness', () => {
  it('is asked of each address by itself', () => {
    const binding = aBinding({ type: 'eni', addresses: 'all', readiness: 'probe' });
    const lane = new PlayedLane(binding).withInstances(twoAddresses());
    const probed: Array<string> = [];
    lane.onProbe = ({ privateIp }) => {
      probed.push(privateIp);
      const isReady = privateIp === '10.0.0.2';
      return { isReady, reason: isReady ? null : 'connection refused' };
    };
    found(lane, ENI).look();
    lane.advance(20_000);

    expect([...new Set(probed)].sort()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(members(lane)).toEqual([`${FIRST}=1`, `${SECOND}=100`]);
  });

  it('is told by the health check of the same address, not by that of its neighbour', () => {
    const binding = aBinding({ type: 'eni', addresses: 'all', readiness: 'load-balancer' });
    const lane = new PlayedLane(binding).withInstances(twoAddresses());
    const check = { listenerPort: 80, protocol: 'http', serverId: ENI, port: 8080 } as const;
    lane.health.set('1', { ...check, serverIp: '10.0.0.1', status: 'normal' });
    lane.health.set('2', { ...check, serverIp: '10.0.0.2', status: 'abnormal' });
    found(lane, ENI).look();
    lane.advance(20_000);

    expect(members(lane)).toEqual([`${FIRST}=100`, `${SECOND}=1`]);
  });
});

describe('a load balancer that takes ECS instances only', () => {
  it.each([
    ['shared', 'shared'],
    ['unsaid', 'shared'],
  ] as const)('holds them before any call: spec %s', (spec, loadBalancerWithoutSpec) => {
    const lane = new PlayedLane(interfaces).withInstances(twoAddresses());
    lane.loadBalancer = aLoadBalancer({ spec });
    lane.overrides = { assume: { ...lane.input().assume, loadBalancerWithoutSpec } };
    found(lane, ENI).look();
    lane.advance(10 * 60_000);

    expect(lane.sent).toEqual([]);
    const reason =
      'the load balancer is of shared performance and takes ECS instances only: eni and eci need one of guaranteed performance';
    expect([...lane.rows.values()].map(({ held }) => held)).toEqual(Array(2).fill({ by: 'setting', reason }));
    expect(lane.counts).toContainEqual(expect.objectContaining({ metric: 'backends-held', value: 2 }));

    lane.loadBalancer = aLoadBalancer();
    lane.advance(60_000);
    expect(members(lane)).toEqual([`${FIRST}=100`, `${SECOND}=100`]);
  });

  it('is not assumed where somebody has seen otherwise', () => {
    const lane = new PlayedLane(interfaces).withInstances(twoAddresses());
    lane.loadBalancer = aLoadBalancer({ spec: 'unsaid' });
    lane.overrides = { assume: { ...lane.input().assume, loadBalancerWithoutSpec: 'guaranteed' } };
    found(lane, ENI).look();
    lane.advance(2_000);

    expect(members(lane)).toEqual([`${FIRST}=100`, `${SECOND}=100`]);
  });

  it('still lets go of those that are in', () => {
    const identity = { serverIp: '10.0.0.1' };
    const lane = new PlayedLane(aBinding({ type: 'eni' }))
      .withInstances(anInterface(ENI, ['10.0.0.1'], { status: 'Stopped', vendorStatus: 'Available' }))
      .withBackends(aBackend(ENI, identity))
      .withRows(aRow(ENI, identity));
    lane.loadBalancer = aLoadBalancer({ spec: 'shared' });
    lane.look();
    lane.advance(31_000);

    expect(members(lane)).toEqual([]);
  });
});
