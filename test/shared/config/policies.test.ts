import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../shared/config/faults.ts';
import { type Config, parseConfig } from '../../../shared/config/load.ts';

/** A file with one binding; `own` are lines of the binding, `top` of the file. */
function fileOf({ own = '', top = '', defaults = '' } = {}): string {
  return `version: 1
region: cn-hangzhou
${defaults === '' ? '' : `defaults: ${defaults}\n`}bindings:
  - name: web
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { tags: { role: web } }
    ports: [{ port: 80 }]
    ${own}
${top}
`;
}

function faultsOf(file: Parameters<typeof fileOf>[0]) {
  try {
    parseConfig(fileOf(file), 'autopilot.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('was accepted');
}

function configOf(file: Parameters<typeof fileOf>[0]): Config {
  return parseConfig(fileOf(file), 'autopilot.yaml');
}

function bindingOf(file: Parameters<typeof fileOf>[0]) {
  const [binding] = configOf(file).bindings;
  if (binding === undefined) throw new Error('no binding');
  return binding;
}

describe('a value out of its bounds', () => {
  it.each([
    ['readiness: healthy', 'readiness', 'running, load-balancer, probe or both'],
    ['probe: { path: healthz }', 'probe.path', 'begins with /'],
    ['probe: { path: "/a b" }', 'probe.path', 'no spaces'],
    [`probe: { path: /${'a'.repeat(501)} }`, 'probe.path', 'begins with /'],
    ['probe: { statusMin: 99 }', 'probe.statusMin', 'from 100 to 599'],
    ['probe: { statusMax: 600 }', 'probe.statusMax', 'from 100 to 599'],
    ['probe: { timeout: 99ms }', 'probe.timeout', 'from 100ms to 10s'],
    ['probe: { timeout: 11s }', 'probe.timeout', 'from 100ms to 10s'],
    ['probe: { every: 999ms }', 'probe.every', 'from 1s to 5m'],
    ['probe: { every: 6m }', 'probe.every', 'from 1s to 5m'],
    ['probe: { url: /x }', 'probe.url', 'path, statusMin, statusMax, timeout, every'],
    ['join: { weight: 2 }', 'join.weight', '0 or 1'],
    ['join: { weight: "1" }', 'join.weight', '0 or 1'],
    ['join: { readyWithin: 9s }', 'join.readyWithin', 'from 10s to 24h'],
    ['join: { readyWithin: 25h }', 'join.readyWithin', 'from 10s to 24h'],
    ['join: { whenNotReady: drop }', 'join.whenNotReady', 'stay or remove'],
    ['join: { ramp: { every: 10s } }', 'join.ramp.steps', 'a list of 1 to 10 percentages'],
    ['join: { ramp: { steps: [] } }', 'join.ramp.steps', 'a list of 1 to 10 percentages'],
    [
      'join: { ramp: { steps: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] } }',
      'join.ramp.steps',
      'a list of 1 to 10 percentages',
    ],
    ['join: { ramp: { steps: [0] } }', 'join.ramp.steps[0]', 'from 1 to 99'],
    ['join: { ramp: { steps: [100] } }', 'join.ramp.steps[0]', 'from 1 to 99'],
    ['join: { ramp: { steps: [10], every: 999ms } }', 'join.ramp.every', 'from 1s to 1h'],
    ['join: { ramp: { steps: [10], every: 2h } }', 'join.ramp.every', 'from 1s to 1h'],
    ['drain: { time: 25h }', 'drain.time', 'from 0s to 24h'],
    ['drain: { udpTime: 61m }', 'drain.udpTime', 'from 0s to 1h'],
    ['drain: { whenNotGuaranteed: go }', 'drain.whenNotGuaranteed', 'wait or refuse'],
    ['drain: { connections: { floor: -1 } }', 'drain.connections.floor', 'from 0 to 1000000'],
    ['drain: { connections: { samples: 0 } }', 'drain.connections.samples', 'from 1 to 100'],
    ['drain: { connections: { samples: 101 } }', 'drain.connections.samples', 'from 1 to 100'],
    ['drain: { connections: { every: 59s } }', 'drain.connections.every', 'from 1m to 10m'],
    ['drain: { connections: { every: 11m } }', 'drain.connections.every', 'from 1m to 10m'],
    ['drain: { healthyFor: 9s }', 'drain.healthyFor', 'from 10s to 24h'],
    ['guards: { minInService: 0 }', 'guards.minInService', 'from 1 to 10000'],
    ['guards: { maxDisruption: 0 }', 'guards.maxDisruption', 'from 1 to 100'],
    ['guards: { maxDisruption: 101 }', 'guards.maxDisruption', 'from 1 to 100'],
  ])('%s is refused with what is allowed', (own, path, allowed) => {
    const inBinding = faultsOf({ own });
    expect(inBinding).toMatchObject([
      { path: `bindings[0].${path}`, allowed: expect.stringContaining(allowed) },
    ]);
    // The file's defaults have the same bounds.
    const inDefaults = faultsOf({ defaults: `{ ${own} }` });
    expect(inDefaults).toMatchObject([
      { path: `defaults.${path}`, allowed: expect.stringContaining(allowed) },
    ]);
  });

  it.each([
    ['timing: { compare: 59s }', 'timing.compare', 'from 1m to 24h'],
    ['timing: { compare: 25h }', 'timing.compare', 'from 1m to 24h'],
    ['timing: { contest: 59s }', 'timing.contest', 'from 1m to 24h'],
    ['limits: { callsPerMinute: 0 }', 'limits.callsPerMinute', 'from 1 to 10000'],
    ['limits: { reserveForPeople: -1 }', 'limits.reserveForPeople', 'from 0 to 9999'],
    ['limits: { backendsPerLoadBalancer: 0 }', 'limits.backendsPerLoadBalancer', 'from 1 to 100000'],
    ['maintenance: { drainAhead: 25h }', 'maintenance.drainAhead', 'from 0s to 24h'],
    ['maintenance: { drainAhead: -1s }', 'maintenance.drainAhead', 'from 0s to 24h'],
    ['maintenance: { drainAhead: 15 }', 'maintenance.drainAhead', 'from 0s to 24h'],
    ['maintenance: { ahead: 1m }', 'maintenance.ahead', 'drainAhead'],
    ['maintenance: 15m', 'maintenance', 'a map with drainAhead'],
    ['limits: { quota: 1 }', 'limits.quota', 'callsPerMinute, reserveForPeople, backendsPerLoadBalancer'],
    ['assume: { healthAtWeightZero: yes }', 'assume.healthAtWeightZero', 'unknown or as-checked'],
  ])('%s is refused with what is allowed', (top, path, allowed) => {
    expect(faultsOf({ top })).toMatchObject([{ path, allowed: expect.stringContaining(allowed) }]);
  });
});

describe('readiness by health checks with a join weight of 0', () => {
  it.each([
    ['in the binding', { own: 'readiness: load-balancer\n    join: { weight: 0 }' }],
    ['with both proofs', { own: 'readiness: both\n    join: { weight: 0 }' }],
    ['by the defaults', { defaults: '{ readiness: load-balancer, join: { weight: 0 } }' }],
    ['with the weight by the defaults', { own: 'readiness: both', defaults: '{ join: { weight: 0 } }' }],
    ['with the readiness by the defaults', { own: 'join: { weight: 0 }', defaults: '{ readiness: both }' }],
    [
      'assumed unknown',
      { own: 'readiness: both\n    join: { weight: 0 }', top: 'assume: { healthAtWeightZero: unknown }' },
    ],
  ])('is a fault %s', (_where, file) => {
    expect(faultsOf(file)).toMatchObject([
      {
        path: 'bindings[0].readiness',
        found: expect.stringContaining('a join weight of 0'),
        allowed: expect.stringContaining('a join weight of 1'),
      },
    ]);
  });

  it.each([
    ['once somebody has settled what it means', { top: 'assume: { healthAtWeightZero: as-checked }' }],
    ['where the binding overrules the weight', { own: 'join: { weight: 1 }' }],
    ['where the binding overrules the readiness', { own: 'readiness: probe' }],
    ['where the binding does with Running', { own: 'readiness: running' }],
  ])('is none %s', (_where, file) => {
    const defaults = '{ readiness: load-balancer, join: { weight: 0 } }';

    expect(() => configOf({ defaults, ...file })).not.toThrow();
  });
});

describe('values that contradict each other', () => {
  it.each([
    ['falls', '[10, 50, 20]', 'bindings[0].join.ramp.steps[2]', '20 after 50'],
    ['stands still', '[10, 10]', 'bindings[0].join.ramp.steps[1]', '10 after 10'],
  ])('are refused: a ramp that %s', (_what, steps, path, found) => {
    expect(faultsOf({ own: `join: { ramp: { steps: ${steps} } }` })).toMatchObject([
      { path, found, allowed: 'steps that rise' },
    ]);
  });

  it('are refused in the defaults as well', () => {
    expect(faultsOf({ defaults: '{ join: { ramp: { steps: [9, 8] } } }' })).toMatchObject([
      { path: 'defaults.join.ramp.steps[1]' },
    ]);
  });

  it.each([
    ['probe: { statusMin: 300 }', 'statusMin', '300 to 299'],
    ['probe: { statusMax: 199 }', 'statusMax', '200 to 199'],
    ['probe: { statusMin: 404, statusMax: 403 }', 'statusMax', '404 to 403'],
  ])('are refused: %s', (own, key, found) => {
    expect(faultsOf({ own })).toMatchObject([
      { path: `bindings[0].probe.${key}`, found, allowed: 'a statusMin that is not above statusMax' },
    ]);
  });

  it('are refused where a binding contradicts the defaults', () => {
    expect(
      faultsOf({ own: 'probe: { statusMin: 205 }', defaults: '{ probe: { statusMax: 204 } }' }),
    ).toMatchObject([{ path: 'bindings[0].probe.statusMin', found: '205 to 204' }]);
  });

  it('are none where the defaults make sense of what the binding says', () => {
    const { probe } = bindingOf({
      own: 'probe: { path: /, statusMin: 400 }',
      defaults: '{ probe: { statusMin: 300, statusMax: 499 } }',
    });

    expect(probe.probe).toMatchObject({ statusMin: 400, statusMax: 499 });
  });

  it.each([
    ['limits: { callsPerMinute: 10, reserveForPeople: 10 }', '10 of 10 calls a minute'],
    ['limits: { reserveForPeople: 90 }', '90 of 90 calls a minute'],
  ])('are refused: %s', (top, found) => {
    expect(faultsOf({ top })).toMatchObject([
      { path: 'limits.reserveForPeople', found, allowed: 'less than callsPerMinute' },
    ]);
  });
});

describe('what the file does not say', () => {
  it.each([
    [90, 12],
    [300, 12],
    [45, 6],
    [5, 1],
    [1, 0],
  ])(
    'of %i calls a minute leaves %i to people, and at least one to us',
    (callsPerMinute, reserveForPeople) => {
      expect(configOf({ top: `limits: { callsPerMinute: ${callsPerMinute} }` }).limits).toEqual({
        callsPerMinute,
        reserveForPeople,
        backendsPerLoadBalancer: 200,
      });
    },
  );

  it('of a ramp, a count of connections and a path has defaults once the section is there', () => {
    const { join, drain, probe } = bindingOf({
      own: 'join: { ramp: { steps: [10, 50] } }\n    drain: { connections: {} }\n    probe: { path: /healthz }',
    });

    expect(join).toMatchObject({ rampPercents: [10, 50], rampEveryMs: 30_000 });
    expect(drain.connections).toEqual({ floor: 0, samples: 3, everyMs: 60_000 });
    expect(probe).toEqual({
      probe: { kind: 'http', path: '/healthz', statusMin: 200, statusMax: 299, timeoutMs: 2_000 },
      everyMs: 5_000,
    });
  });
});

describe('what the file says', () => {
  it('comes out as it was said, in milliseconds and percent', () => {
    const own = `readiness: both
    probe: { path: /ready, statusMin: 200, statusMax: 204, timeout: 800ms, every: 3s }
    join:
      weight: 1
      readyWithin: 2m
      whenNotReady: remove
      ramp: { steps: [5, 25, 60], every: 45s }
    drain:
      time: 90s
      udpTime: 6m
      whenNotGuaranteed: refuse
      connections: { floor: 3, samples: 5, every: 90s }
      healthyFor: 10m
    guards: { minInService: 4, maxDisruption: 25 }`;
    const top = `timing: { compare: 30m, contest: 20m }
limits: { callsPerMinute: 300, reserveForPeople: 0, backendsPerLoadBalancer: 500 }
assume: { healthAtWeightZero: as-checked }`;

    const config = configOf({ own, top });

    expect(config.bindings).toMatchObject([
      {
        readiness: 'both',
        probe: {
          probe: { kind: 'http', path: '/ready', statusMin: 200, statusMax: 204, timeoutMs: 800 },
          everyMs: 3_000,
        },
        join: {
          weight: 1,
          readyWithinMs: 120_000,
          whenNotReady: 'remove',
          rampPercents: [5, 25, 60],
          rampEveryMs: 45_000,
        },
        drain: {
          timeMs: 90_000,
          udpTimeMs: 360_000,
          whenNotGuaranteed: 'refuse',
          connections: { floor: 3, samples: 5, everyMs: 90_000 },
          healthyForMs: 600_000,
        },
        guards: { minInService: 4, maxDisruptionPercent: 25, maxUnselectedPercent: 50 },
      },
    ]);
    expect(config.timing).toMatchObject({ compareMs: 1_800_000, contestMs: 1_200_000 });
    expect(config.limits).toEqual({ callsPerMinute: 300, reserveForPeople: 0, backendsPerLoadBalancer: 500 });
    expect(config.assume).toEqual({
      healthAtWeightZero: 'as-checked',
      heartbeatCountsFrom: 'unknown',
      hookEvents: 'ignore',
      loadBalancerWithoutSpec: 'shared',
    });
  });

  it('in a binding overrules the defaults key by key', () => {
    const { join, drain, guards } = bindingOf({
      defaults:
        '{ join: { weight: 0, readyWithin: 1m }, drain: { time: 2m, udpTime: 9m }, guards: { maxDisruption: 10 } }',
      own: 'join: { weight: 1 }\n    drain: { time: 5s }\n    guards: { minInService: 3 }',
    });

    expect(join).toMatchObject({ weight: 1, readyWithinMs: 60_000 });
    expect(drain).toMatchObject({ timeMs: 5_000, udpTimeMs: 540_000 });
    expect(guards).toEqual({ minInService: 3, maxDisruptionPercent: 10, maxUnselectedPercent: 50 });
  });
});

describe('the sweep', () => {
  it.each([
    ['', 8],
    ['sweep: {}', 8],
    ['sweep: { inPlace: 0 }', 0],
    ['sweep: { inPlace: 1000 }', 1_000],
  ])('after “%s” compares %d load balancers itself', (top, inPlace) => {
    expect(configOf({ top }).sweep).toEqual({ inPlace });
  });

  it.each(['-1', '1001', '1.5', 'all'])('compares no %s of them', (inPlace) => {
    expect(() => configOf({ top: `sweep: { inPlace: ${inPlace} }` })).toThrow('sweep.inPlace');
  });
});

describe('the drain ahead of planned system events', () => {
  it.each([
    ['', 900_000],
    ['maintenance: {}', 900_000],
    ['maintenance: { drainAhead: 0s }', 0],
    ['maintenance: { drainAhead: 24h }', 86_400_000],
  ])('with %j begins %i ms before their time', (top, drainAheadMs) => {
    expect(configOf({ top }).maintenance).toEqual({ drainAheadMs });
  });
});
