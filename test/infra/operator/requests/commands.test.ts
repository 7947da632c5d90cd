import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalHash } from '../../../../shared/events/json.ts';
import type { RequestRow } from '../../../../shared/requests/model.ts';
import { aRequest, signed } from '../../../support/requests.ts';
import { temporaryFolder } from '../autopilot.ts';
import { runHere } from '../run-here.ts';
import { A_PLAN, anEndedRow, aResult, aSentRow, PLAN_HASH } from './builders.ts';
import { setRequestStage } from './stage.ts';

const DRAIN = ['request', 'drain', 'web', 'i-bp1a', '--for', '2h', '--reason', 'kernel update'];
const ended = (row: RequestRow): RequestRow => ({ ...row, phase: 'ended', result: aResult() });

describe('the command request', () => {
  it.each([
    [['request'], 'a kind of change is needed, or --file'],
    [['request', 'drian', 'web'], "unknown command 'drian'"],
    [['request', 'drain', 'web'], "missing required argument 'instances'"],
    [['request', '--local', 'drain', 'web', 'i-1'], '--local goes behind drain'],
    [['request', 'promote', 'db', '--for', '2h'], "unknown option '--for'"],
    [['request', 'drain', 'web', 'i-1', '--timeout', 'soon'], 'such as 30s or 10m'],
    [['request', '--file', '/nowhere/change.json'], 'cannot be read (ENOENT)'],
    [['requests', '--day', '2026-02-30'], 'a day such as 2026-04-09'],
    [['show'], "missing required argument 'request'"],
  ])('ends with 2 for %j', async (args, text) => {
    const { status, err } = await runHere(args);

    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(text) });
  });

  it('repeats nothing of a file that is no request', async () => {
    const file = join(temporaryFolder(), 'key.pem');
    writeFileSync(file, '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n');

    const { status, err } = await runHere(['request', '--file', file]);

    expect({ status, err }).toEqual({ status: 2, err: 'The file of the request holds no JSON object.\n' });
  });

  it('tells all that is wrong at once, and sends nothing', async () => {
    const { run, queued } = await setRequestStage();

    const { status, out, err } = await run(
      'request',
      'set-weight',
      'web',
      'web-1',
      '--as',
      'ci',
      '--for',
      '9d',
    );

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err.trim().split('\n')).toEqual([
      '--reason is missing (--reason "kernel update").',
      'the instances: found "web-1", allowed is the id of an instance, i-…, eni-… or eci-….',
      '--for: found "9d", allowed is a duration such as 30s, 5m or 2h.',
      '--weight, --weight-of, --percent: allowed is either percent, or weight, weights or both.',
    ]);
    expect(queued()).toEqual([]);
  });

  it('signs, sends, follows and tells the result', async () => {
    const { run, keys, takeIn } = await setRequestStage();

    const [{ status, out }] = await Promise.all([
      run(...DRAIN, '--key', keys.ci, '--id', 'deploy-1'),
      takeIn(ended),
    ]);

    expect(status).toBe(0);
    expect(out).toContain('deploy-1: drain i-bp1a of web for 2h, asked by ci, signed with ci-2026.\n');
    expect(out).toContain('done: deploy-1, drain i-bp1a of web for 2h\ni-bp1a is out of web until 06:18.\n');
  });

  it('ends with 4 where somebody must approve', async () => {
    const { run, keys, takeIn } = await setRequestStage();

    const [{ status, out }] = await Promise.all([
      run(...DRAIN, '--key', keys.ci, '--id', 'deploy-1', '--json'),
      takeIn((row) => ({ ...row, phase: 'awaiting-approval', plan: A_PLAN, planHash: PLAN_HASH })),
    ]);

    expect(status).toBe(4);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'awaiting-approval',
      plan: A_PLAN,
      planHash: PLAN_HASH,
    });
  });

  it('ends with 3 when nobody takes it in within the time, and says how to look again', async () => {
    const { run, keys } = await setRequestStage();

    const { status, out } = await run(...DRAIN, '--key', keys.ci, '--id', 'deploy-1', '--timeout', '1ms');

    expect(status).toBe(3);
    expect(out).toContain(
      'no function has taken deploy-1 in yet. autopilot show deploy-1 tells what becomes of it.',
    );
  });

  it('sends a request of a file as it is, with the signature that it has or ours', async () => {
    const { run, keys, queued } = await setRequestStage();
    const folder = temporaryFolder();
    const request = signed(aRequest());
    const [whole, bare] = [join(folder, 'whole.json'), join(folder, 'bare.json')];
    writeFileSync(whole, JSON.stringify(request, null, 2));
    writeFileSync(bare, JSON.stringify(aRequest()));

    const sent = await run('request', '--file', whole, '--no-wait', '--json');
    await run('request', '--file', bare, '--no-wait', '--key', keys.ci);

    expect(JSON.parse(sent.out)).toEqual({
      requestId: 'deploy-4711',
      payloadHash: canonicalHash(request),
      outcome: 'sent',
    });
    // Ed25519 signs the same content the same way.
    expect(queued()).toEqual([request, request]);
  });
});

describe('the commands that show requests', () => {
  it('show those of a day, those that are open, and one with all about it', async () => {
    const { run, put } = await setRequestStage();
    await put(anEndedRow());
    await put(
      aSentRow({ phase: 'in-progress', waitingFor: 'a guard' }, aRequest({ requestId: 'deploy-4712' })),
    );

    const [day, open, one, none] = await Promise.all([
      run('requests', '--day', '2026-04-09'),
      run('requests', '--open', '--json'),
      run('show', 'deploy-4711'),
      run('show', 'deploy-1'),
    ]);

    expect(day.out).toMatch(/deploy-4711 .*done[\s\S]*deploy-4712 .*in progress/);
    expect(JSON.parse(open.out).requests).toMatchObject([{ request: { requestId: 'deploy-4712' } }]);
    expect(one.out).toMatch(/^deploy-4711 {2}drain i-bp1a of web for 2h\nstate +done\n/);
    expect({ status: none.status, err: none.err }).toEqual({
      status: 1,
      err: 'There is no request deploy-1: no function has taken it in yet, or its record is gone.\n',
    });
  });

  it('say so when there are none', async () => {
    const { run } = await setRequestStage();

    expect(await run('requests')).toEqual({ status: 0, out: 'There are none.\n', err: '' });
  });
});

it('approves what waits, signed by somebody else', async () => {
  const { run, keys, put, queued } = await setRequestStage();
  await put(aSentRow({ phase: 'awaiting-approval', plan: A_PLAN, planHash: PLAN_HASH }));

  const { status, out } = await run(
    'approve',
    'deploy-4711',
    '--reason',
    'seen',
    '--key',
    keys.mei,
    '--no-wait',
  );

  expect(status).toBe(0);
  expect(out).toContain(
    `  ~ i-bp1a :8080  set-weight 0\n  ! i-bp1a :8080  held by min-in-service\nPlan hash: ${PLAN_HASH}\n`,
  );
  expect(queued()).toMatchObject([
    { requestedBy: 'mei', signature: { keyId: 'mei-1' }, change: { kind: 'approve', planHash: PLAN_HASH } },
  ]);
});
