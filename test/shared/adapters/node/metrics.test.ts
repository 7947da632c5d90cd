import { describe, expect, it } from 'vitest';
import { createLogMetrics } from '../../../../shared/adapters/node/metrics.ts';

describe('counts', () => {
  it('are one line of the log each, with their labels beside them', () => {
    const lines: Array<unknown> = [];
    const metrics = createLogMetrics({ info: (fields) => void lines.push(fields) });

    metrics.count('backends-not-ready', 3, { binding: 'web', vServerGroupId: 'rsp-web' });
    metrics.count('write-calls', 1, { metric: 'forged', value: '99' });

    expect(lines).toEqual([
      { metric: 'backends-not-ready', value: 3, binding: 'web', vServerGroupId: 'rsp-web' },
      { metric: 'write-calls', value: 1 },
    ]);
  });

  it('never fail what is being counted', () => {
    const metrics = createLogMetrics({
      info() {
        throw new Error('the log is closed');
      },
    });

    expect(() => metrics.count('write-calls', 1, {})).not.toThrow();
  });
});
