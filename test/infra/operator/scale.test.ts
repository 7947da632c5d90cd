import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalClouds } from '../../../infra/local/clouds.ts';
import { connectionOf } from '../../../infra/operator/local-connection.ts';
import { main } from '../../../infra/operator/program.ts';
import { temporaryFolder } from './autopilot.ts';

/** Runs the command in this process and keeps what it prints. */
function aCommand(args: ReadonlyArray<string>, { isInteractive = false } = {}) {
  const printed = { out: '', err: '' };
  const screen = (name: 'out' | 'err') => ({
    write: (text: string) => {
      printed[name] += text;
    },
    isInteractive,
    size: () => ({ columns: 100, rows: 40 }),
    colors: pc.createColors(false),
  });
  const ended = main(args, { out: screen('out'), err: screen('err') });
  return { printed, ended: ended.then((status) => ({ status, ...printed })) };
}

/** Local clouds with the empty scaling group `search`, 0 to 5 instances, and the command against them. */
async function clouds() {
  const { ess, ...running } = await startLocalClouds({
    ecsTimings: { pendingMs: 10, startingMs: 10, releasingMs: 10 },
  });
  onTestFinished(() => running.close());
  const note = join(temporaryFolder(), 'local.json');
  writeFileSync(note, JSON.stringify(connectionOf({ ess, ...running })));
  const id = ess.createScalingGroup({ scalingGroupName: 'search', minSize: 0, maxSize: 5 });
  const begin = (args: ReadonlyArray<string>, options = {}) =>
    aCommand(['local', 'scale', ...args, '--note', note], options);
  const scale = (...args: ReadonlyArray<string>) => begin(args).ended;
  const hook = () =>
    ess.createLifecycleHook({
      scalingGroupId: id,
      lifecycleHookName: 'wait-a-bit',
      lifecycleTransition: 'SCALE_OUT',
    });
  /** Answers the only wait. */
  const answer = (lifecycleActionResult: string) => {
    const [{ lifecycleHookId, lifecycleActionToken } = { lifecycleHookId: '', lifecycleActionToken: '' }] =
      ess.lifecycleActions();
    ess.completeLifecycleAction({ lifecycleHookId, lifecycleActionToken, lifecycleActionResult });
  };
  return { id, ess, begin, scale, hook, answer };
}

describe('local scale', () => {
  it('scales out by name, and shows the activity until it has ended', async () => {
    const { id, ess, scale } = await clouds();

    const { status, out, err } = await scale('search', '--by', '2', '--wait');

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(new RegExp(`^search \\(${id}\\): asa-\\w+ Add "2" ECS instance\n`));
    expect(out).toContain('changing the Total Capacity from "0" to "2"');
    expect(out).toMatch(/\d\.\d s {2}Successful: "2" ECS instances are added\n$/);
    expect(ess.members(id)).toHaveLength(2);
  });

  it('scales by id to a number, with one JSON document on standard output', async () => {
    const { id, scale } = await clouds();
    await scale('search', '--to', '3', '--wait');

    const { status, out, err } = await scale(id, '--to', '1', '--wait', '--json');

    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      scalingGroupId: id,
      name: 'search',
      scalingActivityId: expect.stringMatching(/^asa-/),
      statusCode: 'Successful',
      instances: 2,
      hooks: [],
    });
    // What people want to see goes to standard error then.
    expect(err).toContain('Remove "2" ECS instance');
  });

  it('scales in with a number that begins with a minus', async () => {
    const { id, ess, scale } = await clouds();
    await scale('search', '--to', '3', '--wait');

    const { status } = await scale('search', '--by', '-2', '--wait');

    expect(status).toBe(0);
    expect(ess.members(id)).toHaveLength(1);
  });

  it('does not wait unless it is asked to', async () => {
    const { hook, scale } = await clouds();
    hook();

    const { status, out, err } = await scale('search', '--by', '3', '--json');

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ statusCode: 'InProgress', instances: 3 });
  });

  it('shows a hook that waits, and how it was answered', async () => {
    const { hook, answer, begin } = await clouds();
    hook();
    const { printed, ended } = begin(['search', '--by', '3', '--wait', '--json']);
    await expect.poll(() => printed.err).toContain('hook wait-a-bit holds 3 instances\n');

    answer('CONTINUE');
    const { status, out, err } = await ended;

    expect(status).toBe(0);
    expect(err).toContain('hook wait-a-bit was answered CONTINUE\n');
    expect(JSON.parse(out).hooks).toEqual([{ name: 'wait-a-bit', status: 'Completed', result: 'CONTINUE' }]);
  });

  it('ends with 1 when the activity has failed', async () => {
    const { hook, answer, begin } = await clouds();
    hook();
    const { printed, ended } = begin(['search', '--by', '1', '--wait']);
    await expect.poll(() => printed.out).toContain('hook wait-a-bit holds 1 instance\n');

    answer('ABANDON');
    const { status, out, err } = await ended;

    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(out).toMatch(/Failed: .*\n$/);
  });

  it('keeps the time going on a terminal, and there alone', async () => {
    const { hook, answer, begin } = await clouds();
    hook();
    const { printed, ended } = begin(['search', '--by', '1', '--wait'], { isInteractive: true });
    const times = () => printed.out.split('\r\x1b[K').filter((line) => line.endsWith('s  …'));
    await expect.poll(() => times().length).toBeGreaterThan(1);
    expect(new Set(times()).size).toBe(times().length);

    answer('CONTINUE');

    expect((await ended).status).toBe(0);
  });
});

describe('what stands in the way of scaling', () => {
  it('is told: an unknown group', async () => {
    const { id, scale } = await clouds();

    expect(await scale('serach', '--by', '1')).toEqual({
      status: 1,
      out: '',
      err: `There is no scaling group "serach". There are: search (${id}).\n`,
    });
  });

  it('is told: the size is what it is to be, or cannot be more', async () => {
    const { scale } = await clouds();

    const unchanged = await scale('search', '--to', '0');
    await scale('search', '--by', '9', '--wait');
    const full = await scale('search', '--by', '1');

    expect([unchanged.status, full.status]).toEqual([1, 1]);
    expect(unchanged.err).toBe('Nothing to change: search has 0 instances, allowed are 0 to 5.\n');
    expect(full.err).toBe('Nothing to change: search has 5 instances, allowed are 0 to 5.\n');
  });

  it('is told: another activity goes on', async () => {
    const { hook, scale } = await clouds();
    hook();
    await scale('search', '--by', '1');

    const { status, out, err } = await scale('search', '--by', '1', '--json');

    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^search is busy: asa-\w+ \(Add "1" ECS instance\) goes on\./);
  });

  it.each([
    [['search'], 'one of --by, --to is needed'],
    [['search', '--by', '0'], 'not 0'],
    [['search', '--by', '1.5'], 'whole number'],
    [['search', '--to', '-1'], 'from 0 to 2000'],
    [['search', '--by', '1', '--to', '2'], 'cannot be used with'],
    [['--by', '1'], "missing required argument 'group'"],
  ])('is told with 2 when %j cannot be understood', async (args, problem) => {
    const note = join(temporaryFolder(), 'none.json');

    const { status, out, err } = await aCommand(['local', 'scale', ...args, '--note', note]).ended;

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(problem);
  });
});
