import { describe, expect, it } from 'vitest';
import { drawDay } from '../../../../../infra/local/simulator/draw/day.ts';
import { parseConfig } from '../../../../../shared/config/load.ts';

const DAYS = Array.from({ length: 300 }, (_, seed) => drawDay(seed));
type Drawn = (typeof DAYS)[number];
const WITH_PAIRS = DAYS.filter(({ pairs = [] }) => pairs.length > 0);
const PLAIN = DAYS.filter(({ pairs }) => pairs === undefined);
const configuredOf = ({ configuration }: Drawn) => parseConfig(configuration, 'autopilot.yaml').pairs;
const kindsOf = (days: ReadonlyArray<Drawn>) =>
  new Set(days.flatMap(({ happenings }) => happenings.map(({ kind }) => kind)));

describe('drawn days', () => {
  it('have pairs in a quarter of all cases, and one or two of them', () => {
    expect(WITH_PAIRS.length).toBeGreaterThan(50);
    expect(WITH_PAIRS.length).toBeLessThan(100);
    const counts = new Set(WITH_PAIRS.map(({ pairs = [] }) => pairs.length));
    expect([...counts].sort()).toEqual([1, 2]);
  });

  it('have one to three listeners of a pair, of TCP and UDP, and none that another pair has', () => {
    for (const day of WITH_PAIRS) {
      for (const { listeners } of configuredOf(day)) {
        expect(listeners.length).toBeGreaterThanOrEqual(1);
        expect(listeners.length).toBeLessThanOrEqual(3);
      }
    }
    const protocols = WITH_PAIRS.flatMap(configuredOf).flatMap(({ listeners }) =>
      listeners.map(({ protocol }) => protocol),
    );
    expect(new Set(protocols)).toEqual(new Set(['tcp', 'udp']));
  });

  it('have every setting of a pair one way and the other', () => {
    const pairs = WITH_PAIRS.flatMap(configuredOf);
    const differing = (of: (pair: (typeof pairs)[number]) => unknown) => new Set(pairs.map(of)).size;

    expect(differing(({ candidate }) => candidate)).toBe(2);
    expect(differing(({ degraded }) => degraded)).toBe(2);
    expect(differing(({ failBackAfterMs }) => failBackAfterMs === null)).toBe(2);
    expect(differing(({ standby }) => standby === null)).toBe(2);
    expect(differing(({ promoteOn }) => promoteOn.size)).toBeGreaterThan(2);
    for (const { coolDownMs } of pairs) {
      expect(coolDownMs).toBeGreaterThanOrEqual(60_000);
      expect(coolDownMs).toBeLessThanOrEqual(600_000);
    }
  });

  it('name in their happenings only pairs, and members of pairs, that there are', () => {
    for (const { happenings, pairs = [] } of WITH_PAIRS) {
      const names = new Set(pairs.map(({ name }) => name));
      const started = new Set(
        happenings.flatMap((happening) => (happening.kind === 'start' ? happening.names : [])),
      );
      for (const { primary, secondary } of pairs) {
        expect(started).toContain(primary);
        expect(started).toContain(secondary);
      }
      for (const happening of happenings) if ('pair' in happening) expect(names).toContain(happening.pair);
    }
  });

  it('have all that can happen to a pair, and call faults of all that is sent for one', () => {
    const kinds = kindsOf(WITH_PAIRS);
    for (const kind of [
      'application',
      'health',
      'alarm',
      'operator-points',
      'operator-describes',
      'operator-deletes',
      'operator-creates',
      'order-promotion',
      'order-pause',
      'interrupt',
      'system-event',
    ] as const) {
      expect(kinds).toContain(kind);
    }
    const actions = new Set(
      WITH_PAIRS.flatMap(({ faults }) => faults.map((fault) => ('action' in fault ? fault.action : null))),
    );
    for (const action of [
      'CreateMasterSlave',
      'DeleteMasterSlave',
      'SetLoadBalancer',
      'DescribeMasterSlave',
    ]) {
      expect(actions).toContain(action);
    }
  });

  it('are as they would be without pairs where they have none', () => {
    for (const day of PLAIN) {
      expect(day.configuration).not.toContain('pairs');
      expect(day.happenings.some((happening) => 'pair' in happening)).toBe(false);
    }
  });
});

describe('a configuration of one’s own', () => {
  const pair = { name: 'orders-db', loadBalancer: 'lb-one', listeners: ['tcp:3306', 'tcp:3307'] };
  const standby = { tags: { role: 'standby' } };

  it('has its pairs made up around it, and may have nothing else', () => {
    const file = { version: 1, region: 'cn-hangzhou', pairs: [{ ...pair, standby }] };
    const day = drawDay(5, JSON.stringify(file));

    expect(day.configuration).toBe(JSON.stringify(file));
    expect(day.pairs?.map(({ name }) => name)).toEqual(['orders-db']);
    const pools = day.happenings.flatMap((happening) => (happening.kind === 'start' ? [happening.tags] : []));
    expect(pools).toContainEqual({});
    for (const tags of pools) expect([{}, standby.tags]).toContainEqual(tags);
  });
});
