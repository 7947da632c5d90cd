import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../shared/config/load.ts';
import { faultsOf } from '../../support/config-faults.ts';

/** A file with one binding by tags, and what a test says of it and of the defaults. */
const file = (binding = '', defaults = '') => `
version: 1
region: cn-hangzhou
${defaults}
bindings:
  - name: web
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { tags: { role: web } }
    ports: [{ port: 80 }]
    ${binding}`;

describe('what the file says of the type of backends', () => {
  it.each([
    ['type: pod', 'bindings[0].type', 'ecs, eni or eci'],
    ['addresses: all', 'bindings[0].addresses', 'addresses with type eni only'],
    ['type: eci\n    addresses: primary', 'bindings[0].addresses', 'addresses with type eni only'],
    ['type: eni\n    addresses: both', 'bindings[0].addresses', 'primary or all'],
    [
      'type: eni\n    drain: { connections: { floor: 3 } }',
      'bindings[0].drain.connections',
      'a drain that lasts its time: CloudMonitor counts the connections of ECS instances only',
    ],
    [
      'type: eni\n    drift: { ignore: [eni-1, i-1] }',
      'bindings[0].drift.ignore[1]',
      'ids that begin with eni-, since the binding has no others',
    ],
    [
      'drift: { ignore: [eci-1] }',
      'bindings[0].drift.ignore[0]',
      'ids that begin with i-, since the binding has no others',
    ],
  ])('is refused where it means nothing: %s', (said, path, allowed) => {
    expect(faultsOf(file(said))).toEqual([expect.objectContaining({ path, allowed })]);
  });

  it.each([
    [
      'eci',
      '{ byInstance: { eci-1: 5, i-1: 5 } }',
      'weight.byInstance.i-1',
      'ids that begin with eci-, since the binding has no others',
    ],
    [
      'ecs',
      '{ byInstance: { eni-1: 5 } }',
      'weight.byInstance.eni-1',
      'ids that begin with i-, since the binding has no others',
    ],
    [
      'eni',
      '{ byInstanceType: { ecs.g7.large: 50 } }',
      'weight.byInstanceType',
      'byInstance, byZone and default: only ECS instances are of an instance type',
    ],
  ])('refuses weights that cannot be of a backend of type %s: %s', (type, weight, path, allowed) => {
    const text = file(`type: ${type}`).replace('{ port: 80 }', `{ port: 80, weight: ${weight} }`);

    expect(faultsOf(text)).toEqual([
      expect.objectContaining({ path: `bindings[0].ports[0].${path}`, allowed }),
    ]);
  });

  it('takes weights by zone and by the ids of its own type', () => {
    const weight = '{ default: 90, byInstance: { eni-1: 5 }, byZone: { cn-hangzhou-h: 50 } }';
    const text = file('type: eni').replace('{ port: 80 }', `{ port: 80, weight: ${weight} }`);

    expect(faultsOf(text)).toEqual([]);
  });

  it('is refused together with a scaling group, which has ECS instances only', () => {
    const text = file('type: eci').replace('tags: { role: web }', 'scalingGroup: asg-1');

    expect(faultsOf(text)).toEqual([
      expect.objectContaining({
        path: 'bindings[0].selector.scalingGroup',
        found: '"asg-1" with backends of type eci',
        allowed: 'tags: a scaling group selects ECS instances only',
      }),
    ]);
  });

  it('is ECS where it is silent, and a network interface serves under its primary address', () => {
    expect(parseConfig(file(), 'a.yaml').bindings).toMatchObject([{ type: 'ecs' }]);
    expect(parseConfig(file('type: eni'), 'a.yaml').bindings).toMatchObject([
      { type: 'eni', addresses: 'primary' },
    ]);
    expect(parseConfig(file('type: eni\n    addresses: all'), 'a.yaml').bindings).toMatchObject([
      { type: 'eni', addresses: 'all' },
    ]);
  });

  it('keeps what the defaults say of connections from backends whose connections nobody counts', () => {
    const defaults = 'defaults: { drain: { time: 2m, connections: {} } }';

    expect(parseConfig(file('type: eci', defaults), 'a.yaml').bindings[0]?.drain).toMatchObject({
      timeMs: 120_000,
      connections: null,
    });
    expect(parseConfig(file('', defaults), 'a.yaml').bindings[0]?.drain.connections).toMatchObject({
      samples: 3,
    });
  });
});
