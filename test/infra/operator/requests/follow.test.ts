import { describe, expect, it } from 'vitest';
import { type FollowedRequest, followRequest } from '../../../../infra/operator/requests/follow.ts';
import { RejectedError, TransientError } from '../../../../shared/errors.ts';
import { keyOfRow } from '../../../../shared/requests/model.ts';
import type { RequestReader } from '../../../../shared/requests/ports.ts';
import { aRequest } from '../../../support/requests.ts';
import { anEndedRow, aPace, aReader, aScreen, aSentRow } from './builders.ts';

const KEY = keyOfRow(aSentRow());

const follow = async (requests: RequestReader, overrides: object = {}) => {
  const screen = aScreen();
  const followed: FollowedRequest = await followRequest({
    requests,
    key: KEY,
    screen,
    pace: aPace(),
    limitMs: 600_000,
    stop: null,
    isApproved: false,
    ...overrides,
  });
  return { followed, text: screen.text() };
};

describe('following a request', () => {
  it('says which function to look at when nobody takes it in for more than 75 s', async () => {
    const { followed, text } = await follow(aReader([]), { limitMs: 80_000 });

    expect(followed).toEqual({ kind: 'time-is-up', row: null, why: null });
    expect(text).toBe(
      '  75.5 s  nobody has taken the request in; does the function slb-autopilot-change-requests run? Its log tells.\n',
    );
  });

  it('says so when it is another request that has come under the id', async () => {
    const other = aSentRow({}, aRequest({ reason: 'another one' }));

    const { followed, text } = await follow(aReader([other]), { limitMs: 80_000 });

    expect(followed).toMatchObject({ kind: 'time-is-up', row: null });
    expect(text).toContain('Another request has come under this id.');
  });

  it('says which function to look at when it is taken in and nobody works on it', async () => {
    const { text } = await follow(aReader([aSentRow()]), { limitMs: 80_000 });

    expect(text).toContain('does the function slb-autopilot-tick run?');
  });

  it('waits for tables that do not answer for a while, and says so once', async () => {
    const down = new TransientError('GetRange did not answer', 'unknown-outcome');

    const { followed, text } = await follow(aReader(down, down, [anEndedRow()]));

    expect(followed.kind).toBe('ended');
    expect(text).toBe('   0.0 s  the request deploy-4711 cannot be read just now: GetRange did not answer\n');
  });

  it('ends with what is refused for good', async () => {
    await expect(follow(aReader(new RejectedError('Not you.')))).rejects.toThrow('Not you.');
  });

  it('keeps what it last saw, and why it does not know more, when the time is up', async () => {
    const row = aSentRow({ phase: 'in-progress' });
    const down = new TransientError('no answer', 'unknown-outcome');

    const { followed } = await follow(aReader([row], down), { limitMs: 2_000 });

    expect(followed).toEqual({ kind: 'time-is-up', row, why: 'no answer' });
  });

  it('lets go when it is told to, and stops asking', async () => {
    const stop = new AbortController();
    const reader = aReader([aSentRow()]);
    const pace = aPace((times) => {
      if (times === 3) stop.abort();
    });

    const { followed } = await follow(reader, { stop: stop.signal, pace });

    expect(followed).toEqual({ kind: 'detached', row: aSentRow() });
    expect(reader.asked()).toBe(3);
  });

  it('tells each phase and what it waits for, each once, until it has ended', async () => {
    const held = aSentRow({ phase: 'in-progress', waitingFor: 'min-in-service holds i-bp1a' });

    const { followed, text } = await follow(
      aReader([], [aSentRow()], [aSentRow()], [held], [held], [anEndedRow()]),
    );

    expect(followed).toMatchObject({ kind: 'ended', result: { outcome: 'done' } });
    expect(text.split('\n')).toEqual([
      '   0.5 s  received',
      '   1.5 s  in progress',
      '   1.5 s  waits: min-in-service holds i-bp1a',
      '',
    ]);
  });

  it('keeps a line moving on a terminal that is no longer than the terminal', async () => {
    const screen = aScreen(true, 40);
    const waiting = aSentRow({ phase: 'in-progress', waitingFor: 'a long story '.repeat(10) });

    await follow(aReader([waiting], [anEndedRow()]), { screen });

    const moving = screen
      .text()
      .split('\r\x1b[K')
      .filter((part) => part.includes('…') || !part.endsWith('\n'));
    expect(moving.some((part) => part.includes('in progress: a long story'))).toBe(true);
    for (const part of moving) expect(part.length).toBeLessThan(40);
    expect(screen.text().endsWith('\r\x1b[K')).toBe(true);
  });

  it('ends where somebody must approve, unless somebody has just done so', async () => {
    const waiting = aSentRow({ phase: 'awaiting-approval' });

    const first = await follow(aReader([waiting]));
    const second = await follow(aReader([waiting], [anEndedRow()]), { isApproved: true });

    expect([first.followed.kind, second.followed.kind]).toEqual(['awaiting-approval', 'ended']);
  });
});
