import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryDeployment } from '../../../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import type { Day } from '../../../../infra/local/simulator/day.ts';
import { drawDay } from '../../../../infra/local/simulator/draw/day.ts';
import { FAULTS_MIN } from '../../../../infra/local/simulator/draw/faults.ts';
import { playDay } from '../../../../infra/local/simulator/play/play-day.ts';
import { SERVES_AT_ONCE } from '../../../../infra/local/world/ecs/serving-spans.ts';

let deployment: MemoryDeployment;
beforeAll(async () => {
  deployment = await readMemoryDeployment();
});

const MINUTE_MS = 60_000;

/** A day on which nothing goes wrong: one group, three instances. */
const QUIET: Day = {
  seed: 1,
  configuration: JSON.stringify({
    version: 1,
    region: 'cn-hangzhou',
    bindings: [
      {
        name: 'web',
        loadBalancer: 'lb-one',
        vServerGroup: 'rsp-one',
        selector: { tags: { role: 'web' } },
        ports: [{ port: 80 }],
        drain: { time: '5s' },
      },
    ],
  }),
  switches: {},
  ecsTimings: { pendingMs: 300, startingMs: 700, stoppingMs: 1_000, releasingMs: 500 },
  clocksApartMs: 0,
  streamConcurrency: 1,
  listeners: [],
  happenings: [
    {
      atMs: 1_000,
      kind: 'start',
      names: ['a', 'b', 'c'],
      tags: { role: 'web' },
      application: SERVES_AT_ONCE,
    },
  ],
  faults: [],
};

/** The writes to groups in a trace. */
const groupWrites = (trace: ReadonlyArray<string>) =>
  trace.filter((line) => /slb\.(?:Add|Set|Remove).* → /.test(line));

describe('the same day', () => {
  it.each([3, 11, 15])('goes the same way to the byte, seed %s', async (seed) => {
    const first = await playDay(drawDay(seed), deployment, { isTraced: true });
    const second = await playDay(drawDay(seed), deployment, { isTraced: true });

    expect(first.trace.length).toBeGreaterThan(1_000);
    expect(second.trace.join('\n')).toBe(first.trace.join('\n'));
    expect(second).toEqual(first);
  });

  it('goes the same way whether it is traced or not', async () => {
    const traced = await playDay(drawDay(5), deployment, { isTraced: true });
    const plain = await playDay(drawDay(5), deployment);

    expect({ ...plain, trace: null }).toEqual({ ...traced, trace: null });
  });

  it('goes another way with another seed of the interleavings', async () => {
    const first = await playDay(QUIET, deployment, { isTraced: true });
    const other = await playDay({ ...QUIET, seed: 2 }, deployment, { isTraced: true });

    expect(other.trace).not.toEqual(first.trace);
  });
});

describe('a drawn day', () => {
  it('is large enough, whatever the seed', async () => {
    for (let seed = 100; seed < 106; seed++) {
      const day = drawDay(seed);
      const played = await playDay(day, deployment);
      expect(day.faults.length).toBeGreaterThanOrEqual(FAULTS_MIN);
      if (played.violations.length > 0) continue;
      expect(played.virtualMs).toBeGreaterThanOrEqual(30 * MINUTE_MS);
      expect(played.backends).toBeGreaterThanOrEqual(20);
      expect(played.events).toBeGreaterThanOrEqual(60);
    }
  });

  it('can be played on a configuration of one’s own', async () => {
    const day = drawDay(9, QUIET.configuration);

    expect(day.configuration).toBe(QUIET.configuration);
    expect((await playDay(day, deployment)).backends).toBeGreaterThanOrEqual(20);
  });
});

describe('a quiet day', () => {
  it('puts the instances into their group with one call and comes to rest', async () => {
    const { violations, trace, backends } = await playDay(QUIET, deployment, { isTraced: true });

    expect(violations).toEqual([]);
    expect(backends).toBe(3);
    expect(groupWrites(trace)).toHaveLength(1);
  });

  it('takes a stopped instance out again', async () => {
    const day: Day = {
      ...QUIET,
      happenings: [...QUIET.happenings, { atMs: 2 * MINUTE_MS, kind: 'stop', name: 'a', force: false }],
    };
    const { violations, trace } = await playDay(day, deployment, { isTraced: true });

    expect(violations).toEqual([]);
    expect(groupWrites(trace).map((line) => /slb\.(\w+?)(?:VServer|Backend)/.exec(line)?.[1])).toEqual([
      'Add',
      'Set',
      'Remove',
    ]);
  });
});

describe('faults', () => {
  const during = { atMs: 1_000, untilMs: 10 * MINUTE_MS, product: 'slb', action: 'Add', times: 1 } as const;

  it('of calls strike the call that they are for, and are counted', async () => {
    const day: Day = {
      ...QUIET,
      faults: [{ ...during, kind: 'busy', status: 400, code: 'SystemBusy', retryAfterMs: null }],
    };
    const { violations, trace, faults } = await playDay(day, deployment, { isTraced: true });

    expect(faults).toEqual({ busy: 1 });
    expect(groupWrites(trace)[0]).toContain('SystemBusy');
    expect(groupWrites(trace)).toHaveLength(2);
    expect(violations).toEqual([]);
  });

  it('kill a worker before a call, which is then made by another one', async () => {
    const day: Day = { ...QUIET, faults: [{ ...during, kind: 'crash', when: 'before' }] };
    const { violations, trace } = await playDay(day, deployment, { isTraced: true });
    const dead = /(\S+)\s+dies: before slb\.Add/.exec(trace.join('\n'))?.[1];

    expect(dead).toBeDefined();
    const after = trace.slice(trace.findIndex((line) => line.includes('dies: before')) + 1);
    expect(after.filter((line) => line.includes(` ${dead} `))).toEqual([]);
    expect(groupWrites(trace)).toHaveLength(1);
    expect(violations).toEqual([]);
  });

  it('put a worker to sleep in a call, which lands when it wakes', async () => {
    const day: Day = {
      ...QUIET,
      faults: [{ ...during, kind: 'zombie', forMs: 3 * MINUTE_MS, hearsAnswer: false }],
    };
    const { violations, trace } = await playDay(day, deployment, { isTraced: true });

    expect(groupWrites(trace).length).toBeGreaterThanOrEqual(2);
    expect(violations).toEqual([]);
  });

  it('lose a reply after the call took effect', async () => {
    const day: Day = { ...QUIET, faults: [{ ...during, kind: 'lost-reply' }] };
    const { violations, backends, trace } = await playDay(day, deployment, { isTraced: true });

    expect(groupWrites(trace)[0]).toContain('→ done');
    expect(trace.some((line) => line.includes('unknown-outcome') || line.includes('did not answer'))).toBe(
      true,
    );
    expect(backends).toBe(3);
    expect(violations).toEqual([]);
  });

  it('lose events, which the full comparison makes good', async () => {
    const day: Day = {
      ...QUIET,
      faults: [
        {
          kind: 'loss',
          atMs: 0,
          untilMs: MINUTE_MS,
          copies: 1,
          ids: 'same',
          byMs: 0,
          probability: 1,
        },
      ],
    };
    const { violations, backends } = await playDay(day, deployment);

    expect(backends).toBe(3);
    expect(violations).toEqual([]);
  });
});
