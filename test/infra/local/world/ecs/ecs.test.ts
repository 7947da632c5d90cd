import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import { memoryStore } from '../../../../../infra/local/world/store.ts';

const START_MS = Date.parse('2026-11-20T08:00:30Z');
const TIMINGS = { pendingMs: 100, startingMs: 200, stoppingMs: 400, releasingMs: 800 };

function aWorld(options: FoundationOptions = {}) {
  const clock = new VirtualClock(START_MS);
  const foundation = createFoundation({ clock, ...options });
  const ecs = createEcs(foundation, TIMINGS);
  const seen: Array<string> = [];
  ecs.onStateChange(({ instanceId, state, atMs, previous }) => {
    seen.push(`${ecs.find(instanceId)?.instanceName ?? 'gone'} ${previous}>${state} +${atMs - START_MS}`);
  });
  const run = (amount = 1, more: { tags?: ReadonlyArray<{ key: string; value: string }> } = {}) => {
    const ids = ecs.runInstances({ amount, instanceName: 'web', ...more });
    clock.advanceBy(300);
    return ids;
  };
  return { clock, foundation, ecs, seen, run };
}
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('instances', () => {
  it('become Running by themselves, with an event for each state', () => {
    const { seen, run, ecs } = aWorld();

    const [id = ''] = run();

    expect(seen).toEqual(['web null>Created +0', 'web Pending>Starting +100', 'web Starting>Running +300']);
    expect(ecs.find(id)).toMatchObject({ status: 'Running', startedAtMs: START_MS + 300 });
  });

  it('stop, start and reboot through their states in between', () => {
    const { clock, ecs, seen, run } = aWorld();
    const [id = ''] = run();
    seen.length = 0;

    ecs.stopInstance({ instanceId: id });
    clock.advanceBy(400);
    ecs.startInstance({ instanceId: id });
    clock.advanceBy(200);
    ecs.rebootInstance({ instanceId: id });
    clock.advanceBy(600);

    expect(seen).toEqual([
      'web Running>Stopping +300',
      'web Stopping>Stopped +700',
      'web Stopped>Starting +700',
      'web Starting>Running +900',
      'web Running>Stopping +900',
      'web Stopping>Starting +1300',
      'web Starting>Running +1500',
    ]);
  });

  it('shows Stopped in a reboot when the switch says so', () => {
    const { clock, ecs, seen, run } = aWorld({ switches: { ecsRebootEmitsStopped: true } });
    const [id = ''] = run();
    seen.length = 0;

    ecs.rebootInstance({ instanceId: id });
    clock.advanceBy(600);

    expect(seen.map((line) => line.split(' ')[1])).toEqual([
      'Running>Stopping',
      'Stopping>Stopped',
      'Stopped>Starting',
      'Starting>Running',
    ]);
  });

  it('disappear when released, and are refused everything on the way', () => {
    const { clock, ecs, seen, run } = aWorld();
    const [id = ''] = run();
    ecs.stopInstance({ instanceId: id, forceStop: true });
    clock.advanceBy(0);
    seen.length = 0;

    ecs.deleteInstance({ instanceId: id });
    const whileReleasing = codeOf(() => ecs.startInstance({ instanceId: id }));
    clock.advanceBy(800);

    expect(whileReleasing).toBe('IncorrectInstanceStatus');
    expect(seen).toEqual(['gone Stopped>Deleted +1100']);
    expect(ecs.find(id)).toBeNull();
    expect(ecs.describeInstances({ instanceIds: [id] }).totalCount).toBe(0);
    expect(codeOf(() => ecs.deleteInstance({ instanceId: id }))).toBe('InvalidInstanceId.NotFound');
  });

  it('are cut off by a forced release while running, and the old timers die with them', () => {
    const { clock, ecs, seen, run } = aWorld();
    const [id = ''] = run();
    ecs.rebootInstance({ instanceId: id });
    clock.advanceBy(450);
    seen.length = 0;

    ecs.deleteInstance({ instanceId: id, force: true });
    clock.advanceBy(5_000);

    expect(seen.map((line) => line.split(' ')[1])).toEqual([
      'Starting>Stopping',
      'Stopping>Stopped',
      'Stopped>Deleted',
    ]);
  });

  it('refuse what their state does not allow', () => {
    const { ecs, run } = aWorld();
    const [running = ''] = run();
    const [pending = ''] = ecs.runInstances({ amount: 1 });

    expect(codeOf(() => ecs.startInstance({ instanceId: running }))).toBe('IncorrectInstanceStatus');
    expect(codeOf(() => ecs.deleteInstance({ instanceId: running }))).toBe('IncorrectInstanceStatus');
    expect(codeOf(() => ecs.stopInstance({ instanceId: 'i-unknown' }))).toBe('InvalidInstanceId.NotFound');
    expect(codeOf(() => ecs.deleteInstance({ instanceId: pending, force: true }))).toBe(
      'IncorrectInstanceStatus.Initializing',
    );
    expect(codeOf(() => ecs.stopInstance({ instanceId: running, dryRun: true }))).toBe('DryRunOperation');
    expect(ecs.find(running)?.status).toBe('Running');
  });

  it('go on where they were when the world is opened again, with ids that are new', () => {
    const store = memoryStore();
    const before = aWorld({ store });
    const [id = ''] = before.ecs.runInstances({ amount: 1, instanceName: 'web' });
    before.clock.advanceBy(150);

    const after = aWorld({ store });
    after.clock.advanceBy(300);
    const [next = ''] = after.ecs.runInstances({ amount: 1 });

    expect(after.seen.slice(0, 1)).toEqual(['web Starting>Running +300']);
    expect(after.ecs.find(id)?.status).toBe('Running');
    expect(next).not.toBe(id);
    expect(after.ecs.find(next)?.privateIpAddress).not.toBe(after.ecs.find(id)?.privateIpAddress);
  });

  it('are found by their network interface', () => {
    const { ecs, run } = aWorld();
    const [id = ''] = run();

    expect(ecs.find(ecs.find(id)?.networkInterfaceId ?? '')?.instanceId).toBe(id);
  });

  it('are numbered, or run once per client token', () => {
    const { ecs } = aWorld();
    const input = { amount: 2, instanceName: 'web-[8,3]-a', clientToken: 'token' };

    const ids = ecs.runInstances(input);
    const again = ecs.runInstances(input);

    expect(again).toEqual(ids);
    expect(ecs.instances().map((instance) => instance.instanceName)).toEqual(['web-008-a', 'web-009-a']);
    expect(codeOf(() => ecs.runInstances({ ...input, amount: 3 }))).toBe('IdempotentParameterMismatch');
    expect(codeOf(() => ecs.runInstances({ amount: 101 }))).toBe('InvalidParameter');
  });
});

describe('DescribeInstances', () => {
  const web = [{ key: 'role', value: 'web' }];

  it('leaves unknown ids out, and selects nothing for an empty list', () => {
    const { ecs, run } = aWorld();
    const [id = ''] = run();

    expect(ecs.describeInstances({ instanceIds: [id, 'i-unknown'] }).totalCount).toBe(1);
    expect(ecs.describeInstances({ instanceIds: [] }).totalCount).toBe(0);
    expect(codeOf(() => ecs.describeInstances({ instanceIds: Array(101).fill(id) }))).toBe(
      'InvalidInstanceIds.Malformed',
    );
  });

  it('pages by token through everything once, while instances come and go', () => {
    const { clock, ecs, run } = aWorld();
    const ids = run(25, { tags: web });
    const first = ecs.describeInstances({ tags: web });
    const last = first.instances.at(-1)?.instanceId ?? '';
    ecs.deleteInstance({ instanceId: last, force: true });
    clock.advanceBy(1_000);

    const second = ecs.describeInstances({ tags: web, nextToken: first.nextToken, maxResults: 10 });
    const third = ecs.describeInstances({ tags: web, nextToken: second.nextToken, maxResults: 10 });

    // Without any paging parameter the legacy defaults hold, and the token still leads on.
    expect(first).toMatchObject({ pageNumber: 1, pageSize: 10, totalCount: 25 });
    const found = [first, second, third].flatMap((page) => page.instances.map((each) => each.instanceId));
    expect(found).toEqual(ids);
    expect(third.nextToken).toBe('');
  });

  it('pages by number', () => {
    const { ecs, run } = aWorld();
    const ids = run(5);

    const { instances, totalCount } = ecs.describeInstances({ pageNumber: 2, pageSize: 2 });

    expect(instances.map((instance) => instance.instanceId)).toEqual(ids.slice(2, 4));
    expect(totalCount).toBe(5);
    expect(codeOf(() => ecs.describeInstances({ pageSize: 101 }))).toBe('InvalidParameter');
  });

  it('sees 1,000 instances by tags and no more, without saying so', () => {
    const { ecs, run } = aWorld();
    for (let batch = 0; batch < 11; batch += 1) run(100, { tags: web });

    expect(ecs.describeInstances({ tags: web }).totalCount).toBe(1_000);
    expect(ecs.describeInstances({}).totalCount).toBe(1_100);
  });

  it('matches all tags, the key alone without a value, and refuses bad filters', () => {
    const { ecs, run } = aWorld();
    run(1, { tags: [...web, { key: 'zone', value: '' }] });
    run(1, { tags: web });
    const count = (...tags: ReadonlyArray<{ key?: string; value?: string }>) =>
      ecs.describeInstances({ tags }).totalCount;

    expect(count({ key: 'role', value: 'web' }, { key: 'zone' })).toBe(1);
    expect(count({ key: 'role' })).toBe(2);
    expect(count({ key: 'role', value: 'db' })).toBe(0);
    expect(codeOf(() => count({ value: 'web' }))).toBe('InvalidTag.Mismatch');
    expect(codeOf(() => count(...Array(21).fill({ key: 'k' })))).toBe('InvalidTagCount');
    expect(codeOf(() => ecs.describeInstances({ status: 'Released' }))).toBe('InvalidStatus.NotFound');
  });

  it('lags behind the truth by the switch, for births, changes and releases', () => {
    const { clock, ecs, run } = aWorld({ switches: { ecsDescribeLagMs: 1_000 } });
    const [id = ''] = run();
    const seen = () => ecs.describeInstances({ instanceIds: [id] }).instances[0]?.status ?? 'absent';

    const atRunning = seen();
    clock.advanceBy(850);
    const later = seen();
    clock.advanceBy(1_000);
    const settled = seen();
    ecs.deleteInstance({ instanceId: id, force: true });
    clock.advanceBy(900);
    const justGone = { truth: ecs.find(id), shown: seen() };
    clock.advanceBy(1_000);

    expect([atRunning, later, settled]).toEqual(['absent', 'Starting', 'Running']);
    expect(justGone).toEqual({ truth: null, shown: 'Running' });
    expect(seen()).toBe('absent');
  });

  it('shows tags as they were changed', () => {
    const { ecs, run } = aWorld();
    const [id = ''] = run(1, { tags: web });

    ecs.tagResources({
      resourceIds: [id],
      tags: [
        { key: 'role', value: 'db' },
        { key: 'new', value: '1' },
      ],
    });
    ecs.untagResources({ resourceIds: [id], tagKeys: ['new'] });

    expect(ecs.find(id)?.tags).toEqual([{ key: 'role', value: 'db' }]);
    expect(codeOf(() => ecs.tagResources({ resourceIds: ['i-unknown'], tags: web }))).toBe(
      'InvalidInstanceId.NotFound',
    );
  });
});
