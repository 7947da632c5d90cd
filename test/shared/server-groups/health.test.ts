import { describe, expect, it } from 'vitest';
import type { BackendHealth } from '../../../shared/load-balancers/model.ts';
import { healthOf } from '../../../shared/server-groups/health.ts';
import { aListener, aLoadBalancer, GROUP } from '../../support/builders.ts';

const says = (status: BackendHealth['status'], overrides: Partial<BackendHealth> = {}): BackendHealth => ({
  listenerPort: 80,
  protocol: 'http',
  serverId: 'i-1',
  port: 8080,
  status,
  ...overrides,
});
const twoListeners = aLoadBalancer({ listeners: [aListener(), aListener({ port: 81 })] });

describe('what health checks say of a backend', () => {
  it.each([
    [['normal', 'abnormal'], 'abnormal'],
    [['abnormal', 'normal'], 'abnormal'],
    [['unavailable', 'normal'], 'unavailable'],
    [['normal', 'unavailable'], 'unavailable'],
    [['unavailable', 'abnormal'], 'abnormal'],
    [['normal', 'normal'], 'normal'],
  ] as const)('is the worst of its listeners: %j is %s', ([first, second], worst) => {
    const health = healthOf(twoListeners, [says(first), says(second, { listenerPort: 81 })], GROUP);

    expect(health).toEqual(new Map([['i-1:8080', worst]]));
  });

  it('is told apart by port', () => {
    const health = healthOf(aLoadBalancer(), [says('normal'), says('abnormal', { port: 9090 })], GROUP);

    expect(health).toEqual(
      new Map([
        ['i-1:8080', 'normal'],
        ['i-1:9090', 'abnormal'],
      ]),
    );
  });

  it.each([
    ['of another port', { listenerPort: 8443 }],
    ['of another protocol on the same port', { protocol: 'tcp' }],
  ] as const)('is not what a listener %s says, which has another group behind it', (_what, overrides) => {
    expect(healthOf(aLoadBalancer(), [says('abnormal', overrides)], GROUP).size).toBe(0);
  });
});
