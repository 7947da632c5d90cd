import { describe, expect, it } from 'vitest';
import { sequentialCalls } from './call-chain.ts';

const call = (sentAtMs: number, answeredAtMs: number) =>
  ({ product: 'slb', action: 'DescribeHealthStatus', sentAtMs, answeredAtMs }) as const;

describe('sequentialCalls', () => {
  it.each([
    ['none', [], 0],
    [
      'one after the other, the next sent as the last is answered',
      [call(0, 10), call(10, 20), call(30, 40)],
      3,
    ],
    ['all at once', [call(0, 10), call(0, 10), call(0, 12)], 1],
    ['a long one beside three short ones', [call(0, 100), call(0, 10), call(10, 20), call(50, 60)], 3],
    ['each overlapping only its neighbours', [call(0, 10), call(8, 18), call(16, 26), call(24, 34)], 2],
  ])('counts %s', (_what, calls, expected) => {
    expect(sequentialCalls(calls)).toBe(expected);
  });
});
