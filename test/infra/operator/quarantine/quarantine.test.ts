import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../../../functions/instance-events/handler.ts';
import { quarantineKey } from '../../../../shared/acceptance/plan.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { parseBatch } from '../../../../shared/events/interpret.ts';
import { aRequest } from '../../../support/requests.ts';
import { OPERATOR_POLICY, setTableStage, type TableStage } from '../table-stage.ts';

const HOUR_MS = 3_600_000;
const sample = (name: string) =>
  JSON.stringify(
    JSON.parse(readFileSync(new URL(`../../../../events/${name}.json`, import.meta.url), 'utf8')),
  );
const STATE_CHANGE = sample('ecs-instance-state-change');
const JUNK = '{"hello":"world"}';

/** Puts texts aside as a function does: row, note and done-key. Returns their keys. */
async function putAside(
  { stage }: TableStage,
  ...items: ReadonlyArray<{ text: string; reason?: string; atMs?: number; key?: string }>
): Promise<ReadonlyArray<string>> {
  const worker = stage.worker();
  const records = items.map(
    ({ text, reason = 'an older release did not know it', atMs = Date.now(), key }) => ({
      key: key ?? quarantineKey(text),
      reason,
      text,
      messageId: 'M-1',
      atMs,
    }),
  );
  await worker.quarantine.put(records);
  await worker.done.write(
    records.map(({ key, atMs }) => ({ key, payloadHash: key, result: 'quarantined', atMs })),
  );
  return records.map(({ key }) => key);
}

const short = (key: string | undefined) => (key ?? '').slice('quarantine:'.length).slice(0, 10);

const bodiesOn = ({ stage }: TableStage, queue: keyof typeof QUEUES) =>
  stage.clouds.mns
    .peekMessages(QUEUES[queue], 16)
    .map(({ body }) => Buffer.from(body, 'base64').toString('utf8'));

const keysIn = ({ stage }: TableStage) => stage.rows('quarantine').map(({ key }) => key);

describe('autopilot quarantine list', () => {
  it('says so when there is nothing', async () => {
    const { run } = await setTableStage();

    expect(await run('quarantine', 'list')).toEqual({
      status: 0,
      out: 'Nothing is in quarantine.\n',
      err: '',
    });
  });

  it('shows key, age, reason and how the text begins, the oldest first', async () => {
    const table = await setTableStage();
    const long = `{"x":"${'y'.repeat(200)}"}`;
    const [junk, old] = await putAside(
      table,
      { text: JUNK, reason: 'an object of no known shape' },
      { text: long, reason: 'too old', atMs: Date.now() - 3 * HOUR_MS },
    );

    const { out } = await table.run('quarantine', 'list');

    const lines = out.split('\n');
    expect(lines[2]).toMatch(new RegExp(`^${short(old)} +3 h +too old`));
    expect(lines[3]?.trim()).toBe(`{"x":"${'y'.repeat(53)}…`);
    expect(lines[4]).toMatch(new RegExp(`^${short(junk)} +\\d+ s +an object of no known shape`));
  });

  it('prints one document with --json', async () => {
    const table = await setTableStage();
    const [key] = await putAside(table, { text: JUNK, reason: 'of no known shape' });

    expect(JSON.parse((await table.run('quarantine', 'list', '--json')).out)).toMatchObject({
      messages: [{ key, reason: 'of no known shape', messageId: 'M-1', begins: JUNK }],
    });
  });

  it('ends with 3 without the right to read', async () => {
    const { runAllowed } = await setTableStage();

    expect(await runAllowed(['ots:GetRow'], 'quarantine', 'list')).toMatchObject({ status: 3, out: '' });
  });
});

describe('a key', () => {
  it('that is none, that nothing has or that several begin with ends with 2', async () => {
    const table = await setTableStage();
    await putAside(table, { text: 'a', key: 'quarantine:abcd1' }, { text: 'b', key: 'quarantine:abcd2' });

    const wrong = await Promise.all(
      ['zzzz', 'abc', 'abce', 'abcd'].map((key) => table.run('quarantine', 'show', key)),
    );

    expect(wrong.map(({ status }) => status)).toEqual([2, 2, 2, 2]);
    expect(wrong[2]?.err).toContain('Nothing in quarantine');
    expect(wrong[3]?.err).toContain('2 keys begin with abcd');
  });

  it('may be its beginning, or the whole of it', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: JUNK });

    for (const named of [key, short(key), key.slice(0, 20)]) {
      expect((await table.run('quarantine', 'show', named)).out).toContain(key);
    }
  });
});

describe('autopilot quarantine show', () => {
  it('shows the original, why it was put aside and what would become of it today', async () => {
    const table = await setTableStage();
    const [known, junk] = await putAside(table, { text: STATE_CHANGE }, { text: JUNK });

    const understood = await table.run('quarantine', 'show', short(known));
    const not = await table.run('quarantine', 'show', short(junk));

    expect(understood.out).toContain('an older release did not know it');
    expect(understood.out).toContain('understood; replay puts it onto the queue for instance-events');
    expect(understood.out).toContain(`\n${STATE_CHANGE}\n`);
    expect(not.out).toContain('still not to be worked with: an object of no known shape');
  });

  it('says so when only the beginning was kept', async () => {
    const table = await setTableStage();
    const key = quarantineKey('[1, 2');
    await putAside(table, { text: '[1', key });

    expect((await table.run('quarantine', 'show', key)).out).toContain('only the beginning of it');
  });

  it('prints one document with --json', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: JUNK });

    expect(JSON.parse((await table.run('quarantine', 'show', key, '--json')).out)).toMatchObject({
      key,
      text: JUNK,
      isWhole: true,
      today: { kind: 'refused', reason: 'an object of no known shape' },
    });
  });
});

describe('autopilot quarantine replay', () => {
  it('leaves what is still not understood, with today’s reason, and ends with 1', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: JUNK, reason: 'yesterday’s reason' });

    const { status, out } = await table.run('quarantine', 'replay', key);

    expect(status).toBe(1);
    expect(out).toBe(`${short(key)} stays: an object of no known shape\n`);
    expect(keysIn(table)).toEqual([key]);
    expect(table.stage.rows('done')).toHaveLength(1);
  });

  it('leaves it there, and ends with 3, when the queue does not take it', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: STATE_CHANGE });
    table.stage.clouds.foundation.faults.inject({
      name: 'no queue',
      match: { product: 'mns', action: 'SendMessage' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 403, code: 'AccessDenied', message: 'Not you.' },
    });

    const { status, out } = await table.run('quarantine', 'replay', key);

    expect(status).toBe(3);
    expect(out).toContain('it stays');
    expect(keysIn(table)).toEqual([key]);
  });

  it.each([
    ['a state change', STATE_CHANGE, 'instanceEvents'],
    ['a spot interruption', sample('ecs-spot-interruption'), 'instanceEvents'],
    ['an alarm', sample('cloudmonitor-alarm.slb-unhealthy'), 'instanceEvents'],
    ['a lifecycle hook', sample('ess-lifecycle-hook'), 'scalingHooks'],
    ['a change request', JSON.stringify(aRequest()), 'changeRequests'],
  ] as const)(
    'puts %s back as it came onto the queue where it belongs, and takes it out',
    async (_, text, queue) => {
      const table = await setTableStage();
      const [key = ''] = await putAside(table, { text });

      const { status, out } = await table.run('quarantine', 'replay', short(key));

      expect({ status, out }).toMatchObject({
        status: 0,
        out: expect.stringContaining('is back on the queue'),
      });
      expect(bodiesOn(table, queue)).toEqual([text]);
      expect(keysIn(table)).toEqual([]);
    },
  );

  it('undoes Base64 that the text came in, since the queue puts it into Base64 itself', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: Buffer.from(STATE_CHANGE).toString('base64') });

    await table.run('quarantine', 'replay', key);

    expect(bodiesOn(table, 'instanceEvents')).toEqual([STATE_CHANGE]);
  });

  it('forgets that it was put aside, so that functions that do not understand it put it aside again', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: STATE_CHANGE });

    await table.run('quarantine', 'replay', key);
    // As an older release reads it.
    const events = [
      { kind: 'not-understood', reason: 'unknown', text: STATE_CHANGE, messageId: null },
    ] as const;
    await handleInstanceEvents(table.stage.worker(), events);

    expect(keysIn(table)).toEqual([key]);
  });

  it('leaves in quarantine what has been put aside again before it could be taken out', async () => {
    const table = await setTableStage();
    const [key = ''] = await putAside(table, { text: STATE_CHANGE, atMs: Date.now() - HOUR_MS });
    const { gate } = table.stage.clouds.foundation;
    const before = gate.records.length;
    const isSent = () => gate.records.slice(before).some(({ action }) => action === 'SendMessage');
    table.stage.clouds.foundation.faults.inject({
      name: 'a slow table',
      match: { product: 'ots', action: 'DeleteRow' },
      skip: 1,
      times: 1,
      effect: { kind: 'delay', beforeMs: 500, afterMs: 0 },
    });

    const ended = table.run('quarantine', 'replay', key);
    await expect.poll(isSent).toBe(true);
    await putAside(table, { text: STATE_CHANGE });

    expect(await ended).toMatchObject({ status: 1, out: expect.stringContaining('put it aside again') });
    expect(keysIn(table)).toEqual([key]);
  });

  it('is understood by the functions', async () => {
    const table = await setTableStage();
    const [id = ''] = await table.stage.running(1);
    const text = STATE_CHANGE.replace('i-uf6fictional00000web1', id).replaceAll('cn-shanghai', 'cn-hangzhou');
    const [key = ''] = await putAside(table, { text });
    await table.run('quarantine', 'replay', key);

    const [body = ''] = bodiesOn(table, 'instanceEvents');
    const { accepted } = await handleInstanceEvents(table.stage.worker(), parseBatch(Buffer.from(body)));

    expect(accepted).toMatchObject({ accepted: 1, duplicates: 0, quarantined: 0 });
  });

  it('with --all replays what can be, a line each, and sums up', async () => {
    const table = await setTableStage();
    const [known, junk] = await putAside(
      table,
      { text: STATE_CHANGE, atMs: Date.now() - HOUR_MS },
      { text: JUNK },
    );

    const { status, out } = await table.run('quarantine', 'replay', '--all');

    expect(status).toBe(1);
    expect(out.split('\n')).toEqual([
      `${short(known)} is back on the queue for instance-events`,
      `${short(junk)} stays: an object of no known shape`,
      '1 of 2 replayed, 1 left.',
      '',
    ]);
    expect(keysIn(table)).toEqual([junk]);
  });

  it('prints one document with --json', async () => {
    const table = await setTableStage();
    const [key] = await putAside(table, { text: STATE_CHANGE });

    const { out } = await table.run('quarantine', 'replay', '--all', '--json');

    expect(JSON.parse(out)).toEqual({ results: [{ key, kind: 'replayed', places: ['instance-events'] }] });
  });

  it('ends with 2 when it is told neither a key nor --all, or both', async () => {
    const { run } = await setTableStage();

    expect((await run('quarantine', 'replay')).status).toBe(2);
    expect((await run('quarantine', 'replay', 'abcd', '--all')).status).toBe(2);
  });
});

describe('autopilot quarantine drop', () => {
  it('says what it was and takes it out', async () => {
    const table = await setTableStage();
    const [key = '', other] = await putAside(table, { text: JUNK }, { text: STATE_CHANGE });

    const { status, out } = await table.run('quarantine', 'drop', short(key));

    expect(status).toBe(0);
    expect(out).toContain(JUNK);
    expect(out).toMatch(/\ndropped\n$/);
    expect(keysIn(table)).toEqual([other]);
  });
});

describe('the caller of the commands about the quarantine', () => {
  it('needs no more than the policy of operators', async () => {
    const table = await setTableStage();
    const [known = '', request = '', junk = ''] = await putAside(
      table,
      { text: STATE_CHANGE },
      { text: JSON.stringify(aRequest()) },
      { text: JUNK },
    );
    const run = (...args: ReadonlyArray<string>) => table.runAllowed(OPERATOR_POLICY, 'quarantine', ...args);

    const ends = [
      await run('list'),
      await run('show', junk),
      await run('replay', known),
      await run('replay', request),
      await run('drop', junk),
    ];

    expect(ends.map(({ status, err }) => [status, err])).toEqual(ends.map(() => [0, '']));
  });
});
