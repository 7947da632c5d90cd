import { expect, it } from 'vitest';
import { closableClock, VirtualClock } from '../../../../infra/local/world/clock.ts';

const aClock = () => {
  const clock = new VirtualClock(1_000);
  const ran: Array<string> = [];
  return { clock, closable: closableClock(clock), ran, run: (name: string) => () => void ran.push(name) };
};

it('runs what was scheduled until it is closed, and nothing after that', () => {
  const { clock, closable, ran, run } = aClock();
  closable.at(1_010, run('early'));
  closable.at(1_020, run('late'));
  clock.runNext();

  closable.close();
  closable.at(1_030, run('later'));

  expect(clock.runNext()).toBe(false);
  expect(ran).toEqual(['early']);
});

it('leaves the runs of others alone', () => {
  const { clock, closable, ran, run } = aClock();
  clock.at(1_010, run('theirs'));

  closable.close();
  clock.runNext();

  expect(ran).toEqual(['theirs']);
});

it('cancels one run like any clock', () => {
  const { clock, closable, ran, run } = aClock();
  const cancel = closable.at(1_010, run('one'));
  closable.at(1_020, run('other'));

  cancel();
  cancel();
  clock.runNext();

  expect([closable.nowMs(), ...ran]).toEqual([1_020, 'other']);
});
