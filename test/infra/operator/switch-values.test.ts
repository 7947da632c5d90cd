import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SWITCHES } from '../../../infra/local/world/switches.ts';
import { readSwitch } from '../../../infra/operator/switch-values.ts';

describe('readSwitch', () => {
  it.each([
    ['slbAddPresent=ignore', { slbAddPresent: 'ignore' }],
    ['slbBackendsPerCallMax=40', { slbBackendsPerCallMax: 40 }],
    ['slbGroupProcessingMs=0', { slbGroupProcessingMs: 0 }],
    ['slbRetryAfterMs=null', { slbRetryAfterMs: null }],
    ['slbRetryAfterMs=250', { slbRetryAfterMs: 250 }],
    ['otsExpiredRowExists=true', { otsExpiredRowExists: true }],
  ])('reads %s in the type of the switch', (text, expected) => {
    expect(readSwitch(text, {})).toEqual(expected);
  });

  it('keeps what was set before', () => {
    const set = readSwitch('slbSetAbsent=error', { slbAddPresent: 'ignore' });

    expect(set).toEqual({ slbAddPresent: 'ignore', slbSetAbsent: 'error' });
  });

  it.each(['slbAddPresent', 'slbBackendsPerCallMax=30', 'slbGroupProcessingMs=-1', 'toString=1', '=1'])(
    'refuses %s',
    (text) => {
      expect(() => readSwitch(text, {})).toThrow(InvalidArgumentError);
    },
  );

  it.each(Object.entries(DEFAULT_SWITCHES))('knows %s and its default', (name, value) => {
    expect(readSwitch(`${name}=${value}`, {})).toEqual({ [name]: value });
  });
});
