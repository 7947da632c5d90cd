import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../shared/config/load.ts';
import { scalingGroupIdsOf } from '../../../shared/config/scaling.ts';
import { faultsOf } from '../../support/config-faults.ts';

/** A file with a binding by tags and one by scaling group, and what a test says besides. */
const file = ({ drain = '30s', selector = '{ scalingGroup: asg-1 }', scaling = '' } = {}) => `
version: 1
region: cn-hangzhou
bindings:
  - name: web
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: ${selector}
    ports: [{ port: 80 }]
    drain: { time: ${drain} }
${scaling}`;

describe('what the file says of scaling groups', () => {
  it('leaves instances out rather than in where it is silent: not ready, forbidden and out of time', () => {
    expect(parseConfig(file(), 'a.yaml').scaling).toEqual({
      policy: { whenNotReady: 'abandon', whenForbidden: 'hold', whenTimeIsUp: 'rollback' },
      groups: [],
    });
  });

  it('says otherwise where it does', () => {
    const scaling =
      'scaling: { whenNotReady: continue, whenForbidden: rollback, whenTimeIsUp: continue, groups: [{ id: asg-2, hookTimeout: 30m }] }';

    expect(parseConfig(file({ scaling }), 'a.yaml').scaling).toEqual({
      policy: { whenNotReady: 'continue', whenForbidden: 'rollback', whenTimeIsUp: 'continue' },
      groups: [{ scalingGroupId: 'asg-2', hookTimeoutMs: 1_800_000 }],
    });
  });

  it('knows each group once, whether a binding selects by it or it is only named', () => {
    const { bindings, scaling } = parseConfig(
      file({ scaling: 'scaling: { groups: [{ id: asg-2 }, { id: asg-1 }] }' }),
      'a.yaml',
    );

    expect(scalingGroupIdsOf(bindings, scaling)).toEqual(['asg-1', 'asg-2']);
  });
});

describe('what is refused', () => {
  it.each([
    ['scaling: { whenNotReady: stay }', 'scaling.whenNotReady', 'abandon or continue'],
    ['scaling: { whenForbidden: drain }', 'scaling.whenForbidden', 'hold or rollback'],
    ['scaling: { whenTimeIsUp: abandon }', 'scaling.whenTimeIsUp', 'rollback or continue'],
    ['scaling: { groups: [{ id: sg-1 }] }', 'scaling.groups[0].id', 'the id of a scaling group'],
    ['scaling: { groups: [] }', 'scaling.groups', '1 to 1000 scaling groups'],
    [
      'scaling: { groups: [{ id: asg-2, hookTimeout: 7h }] }',
      'scaling.groups[0].hookTimeout',
      'from 30s to 6h',
    ],
    [
      'scaling: { groups: [{ id: asg-2 }, { id: asg-2 }] }',
      'scaling.groups[1].id',
      'each scaling group once',
    ],
    ['assume: { heartbeatCountsFrom: then }', 'assume.heartbeatCountsFrom', 'unknown, now or old-deadline'],
    ['assume: { hookEvents: yes }', 'assume.hookEvents', 'ignore or read'],
  ])('%s', (scaling, path, allowed) => {
    expect(faultsOf(file({ scaling }))).toMatchObject([{ path, allowed: expect.stringContaining(allowed) }]);
  });

  it('a hook timeout below three minutes, with the reason', () => {
    const [fault] = faultsOf(file({ scaling: 'scaling: { groups: [{ id: asg-1, hookTimeout: 179s }] }' }));

    expect(fault).toMatchObject({ path: 'scaling.groups[0].hookTimeout', found: 'a hook timeout of 179s' });
    expect(fault?.allowed).toMatch(/^at least 3m: .*tick.*2m/);
  });

  it('takes a hook timeout of three minutes', () => {
    expect(faultsOf(file({ scaling: 'scaling: { groups: [{ id: asg-1, hookTimeout: 3m }] }' }))).toEqual([]);
  });
});

describe('a drain that no hook can wait for', () => {
  it.each(['359m', '390m', '24h'])('of %s is refused where instances are of a scaling group', (drain) => {
    expect(faultsOf(file({ drain }))).toMatchObject([
      {
        path: 'bindings[0].drain.time',
        found: expect.stringContaining('a drain of'),
        allowed: expect.stringMatching(/^at most 358m: .*6h/),
      },
    ]);
  });

  it.each(['358m', '330m'])('of %s fits', (drain) => {
    expect(faultsOf(file({ drain }))).toEqual([]);
  });

  it('is refused for tags too once the file names a scaling group, for its instances may carry them', () => {
    const selector = '{ tags: { role: web } }';

    expect(faultsOf(file({ drain: '7h', selector }))).toEqual([]);
    expect(
      faultsOf(file({ drain: '7h', selector, scaling: 'scaling: { groups: [{ id: asg-1 }] }' })),
    ).toMatchObject([{ path: 'bindings[0].drain.time' }]);
  });

  it('is found in the defaults as well', () => {
    const text = file()
      .replace('    drain: { time: 30s }\n', '')
      .replace('bindings:', 'defaults: { drain: { time: 7h } }\nbindings:');

    expect(faultsOf(text)).toMatchObject([{ path: 'defaults.drain.time' }]);
  });
});
