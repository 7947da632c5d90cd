import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../shared/config/faults.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import { describeWeights, weightOn } from '../../../shared/config/weights.ts';

/** A file with one binding that says this of its ports. */
function fileWith(ports: string, more = ''): string {
  return `version: 1
region: cn-hangzhou
bindings:
  - name: web
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { tags: { role: web } }
    ports: ${ports}
${more}`;
}

function portOf(weight: string) {
  const [port] =
    parseConfig(fileWith(`[{ port: 80, weight: ${weight} }]`), 'autopilot.yaml').bindings[0]?.ports ?? [];
  if (port === undefined) throw new Error('no port');
  return port;
}

function faultsOf(text: string) {
  try {
    parseConfig(text, 'autopilot.yaml');
  } catch (error) {
    if (error instanceof ConfigError)
      return error.faults.map(({ path, found, allowed }) => [path, found, allowed]);
    throw error;
  }
  return [];
}

const large = { instanceType: 'ecs.g7.large', zoneId: 'cn-hangzhou-h' };

describe('the weight of an instance on a port', () => {
  const port = portOf(
    '{ default: 90, byInstance: { i-1: 10 }, byInstanceType: { ecs.g7.large: 50 }, byZone: { cn-hangzhou-h: 80 } }',
  );

  it('is the one of its id before its type, of its type before its zone, and else the default', () => {
    expect(weightOn(port, 'i-1', large)).toEqual({ weight: 10, by: 'by instance i-1' });
    expect(weightOn(port, 'i-2', large)).toEqual({ weight: 50, by: 'by instance type ecs.g7.large' });
    expect(weightOn(port, 'i-2', { ...large, instanceType: 'ecs.g7.xlarge' })).toEqual({
      weight: 80,
      by: 'by zone cn-hangzhou-h',
    });
    expect(weightOn(port, 'i-2', { instanceType: 'constructor', zoneId: 'cn-hangzhou-i' })).toEqual({
      weight: 90,
      by: null,
    });
  });

  it('is not known while the type or the zone is not, unless the id decides', () => {
    expect(weightOn(port, 'i-2', null)).toBeNull();
    expect(weightOn(port, 'i-2', { instanceType: null, zoneId: 'cn-hangzhou-h' })).toBeNull();
    expect(weightOn(port, 'i-2', { instanceType: 'ecs.g7.xlarge', zoneId: null })).toBeNull();
    expect(weightOn(port, 'i-1', null)?.weight).toBe(10);
  });

  it('is the same for all where the file says one, and 100 where it says none', () => {
    expect(weightOn(portOf('70'), 'i-1', null)).toEqual({ weight: 70, by: null });
    expect(portOf('{ byInstance: { i-1: 10 } }').weight).toBe(100);
    expect(weightOn(portOf('{ default: 30 }'), 'i-1', null)).toEqual({ weight: 30, by: null });
  });

  it('is told with the first of those that differ', () => {
    expect(describeWeights(port)).toEqual(['90', 'i-1: 10', 'ecs.g7.large: 50', 'cn-hangzhou-h: 80']);
    const many = Object.fromEntries(['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-6'].map((id) => [id, 1]));
    expect(describeWeights({ weight: 7, weightsBy: { byInstance: many } })).toEqual([
      '7',
      'i-1: 1',
      'i-2: 1',
      'i-3: 1',
      'i-4: 1',
      '2 more',
    ]);
  });
});

describe('a map of weights', () => {
  it.each([
    ['101', 'weight', '101', 'a whole number from 0 to 100'],
    [
      '[1]',
      'weight',
      'a list of 1',
      'a whole number from 0 to 100, or a map with some of default, byInstance, byInstanceType and byZone',
    ],
    ['{ default: 101 }', 'weight.default', '101', 'a whole number from 0 to 100'],
    [
      '{ byType: {} }',
      'weight.byType',
      'an unknown key',
      'one of the keys default, byInstance, byInstanceType, byZone',
    ],
    [
      '{ byInstance: { web-1: 1 } }',
      'weight.byInstance.web-1',
      'the key "web-1"',
      'the id of an instance such as i-…',
    ],
    [
      '{ byInstanceType: { g7: 1 } }',
      'weight.byInstanceType.g7',
      'the key "g7"',
      'an instance type such as ecs.g7.large',
    ],
    [
      '{ byZone: { cn-hangzhou-h: 1.5 } }',
      'weight.byZone.cn-hangzhou-h',
      '1.5',
      'a whole number from 0 to 100',
    ],
    [
      '{ byZone: {} }',
      'weight.byZone',
      'an empty map',
      'a map of 1 to 200 weights from 0 to 100 by zone, such as { cn-hangzhou-h: 50 }',
    ],
  ])('is told what is wrong with %s', (weight, path, found, allowed) => {
    expect(faultsOf(fileWith(`[{ port: 80, weight: ${weight} }]`))).toEqual([
      [`bindings[0].ports[0].${path}`, found, allowed],
    ]);
  });

  it('tells all its faults at once', () => {
    expect(
      faultsOf(fileWith('[{ port: 80, weight: { default: -1, byZone: { h: 1 } } }]')).map(([path]) => path),
    ).toEqual(['bindings[0].ports[0].weight.default', 'bindings[0].ports[0].weight.byZone.h']);
  });
});

describe('a group whose instances would all have weight 0', () => {
  const zero = 'weight 0 for every instance on every port of the group';
  const other = (weight: string) => `  - name: other
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { tags: { role: canary } }
    ports: [{ port: 81, weight: ${weight} }]
`;

  it.each(['0', '{ default: 0 }', '{ default: 0, byZone: { cn-hangzhou-h: 0 } }'])(
    'is a fault: %s',
    (weight) => {
      const ports = `[{ port: 80, weight: ${weight} }, { port: 90, weight: 0 }]`;

      expect(faultsOf(fileWith(ports)).map(([path, found]) => [path, found])).toEqual([
        ['bindings[0].ports[0].weight', zero],
      ]);
      expect(faultsOf(fileWith(ports, other('0')))).toHaveLength(1);
    },
  );

  it.each(['{ default: 0, byInstance: { i-1: 1 } }', '{ byZone: { cn-hangzhou-h: 0 } }'])(
    'is none: %s',
    (weight) => {
      expect(faultsOf(fileWith(`[{ port: 80, weight: ${weight} }]`))).toEqual([]);
    },
  );

  it('is none where another port, or another binding of the group, has a weight', () => {
    expect(faultsOf(fileWith('[{ port: 80, weight: 0 }, { port: 90 }]'))).toEqual([]);
    expect(faultsOf(fileWith('[{ port: 80, weight: 0 }]', other('1')))).toEqual([]);
  });
});
