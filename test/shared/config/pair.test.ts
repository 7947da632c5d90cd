import { expect, it } from 'vitest';
import { parseConfig } from '../../../shared/config/load.ts';

const withTimeout = (timeout: string) => () =>
  parseConfig(
    JSON.stringify({
      version: 1,
      region: 'cn-hangzhou',
      pairs: [
        { name: 'orders-db', loadBalancer: 'lb-bp1orders', listeners: ['tcp:3306'], probe: { timeout } },
      ],
    }),
    'autopilot.yaml',
  );

it('a probe of a pair may hang for 5 s at most, so that a pass can ask several times', () => {
  expect(withTimeout('5s')().pairs[0]?.probe.probe.timeoutMs).toBe(5_000);
  expect(withTimeout('6s')).toThrow(/timeout/);
});
