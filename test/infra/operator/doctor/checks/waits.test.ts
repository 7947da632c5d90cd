import { describe, expect, it } from 'vitest';
import { waitFindings } from '../../../../../infra/operator/doctor/checks/waits.ts';
import type { LifecycleHook } from '../../../../../shared/scaling/model.ts';
import { aListener, aLoadBalancer, LB, SCALING_GROUP } from '../../../../support/builders.ts';
import {
  ANOTHER_QUEUE,
  aConfig,
  aHook,
  aHookIn,
  aListing,
  aScaledBinding,
  aScalingGroup,
  known,
  scaledFacts,
  someFacts,
} from '../facts.ts';

const MINUTE_MS = 60_000;

const findingsOf = (
  binding: Parameters<typeof aScaledBinding>[0],
  hooks: ReadonlyArray<LifecycleHook> = [aHook()],
  facts: Parameters<typeof scaledFacts>[0] = {},
) =>
  waitFindings(
    scaledFacts({ config: { bindings: [aScaledBinding(binding)] }, ...facts }),
    SCALING_GROUP,
    hooks,
  );

describe('a drain that a hook is to wait for', () => {
  it('of more than 358 m is an error with the numbers', () => {
    expect(findingsOf({ drain: { timeMs: 359 * MINUTE_MS } })).toEqual([
      {
        severity: 'error',
        check: 'drain-wait',
        where: { scalingGroup: SCALING_GROUP, hook: 'drain (ash-bp1scalein0001)', binding: 'web' },
        found:
          'a drain of 359m is longer than the hook can wait; ESS waits 6h at most with 20 heartbeats, less two ticks as a margin: 358m',
        fix: 'set drain.time to 358m at most',
        call: null,
      },
    ]);
  });

  it.each([
    [30_000, 'a drain of 30s needs no heartbeat'],
    // With the removal it ends after 8 minutes, two ticks before the timeout.
    [8 * MINUTE_MS, 'a drain of 8m needs 1 heartbeat of 20, of 600 s at most'],
    [30 * MINUTE_MS, 'a drain of 30m needs 3 heartbeats of 20, of 600 s at most'],
  ])('tells how many heartbeats it needs: %d ms', (timeMs, found) => {
    expect(findingsOf({ drain: { timeMs } })).toMatchObject([{ severity: 'ok', found }]);
  });

  it('of 358 m can be waited for, whatever the timeout of the hook is', () => {
    for (const timeoutSeconds of [180, 600, 21_600]) {
      const [finding] = findingsOf({ drain: { timeMs: 358 * MINUTE_MS } }, [aHook({ timeoutSeconds })]);

      expect(finding).toMatchObject({ severity: 'ok' });
    }
  });

  it('lasts longer behind UDP than its binding says', () => {
    const loadBalancer = aLoadBalancer({ listeners: [aListener({ protocol: 'udp' })] });

    const findings = findingsOf({ drain: { timeMs: 30_000, udpTimeMs: 10 * MINUTE_MS } }, [aHook()], {
      loadBalancers: new Map([[LB, known(loadBalancer)]]),
    });

    expect(findings).toMatchObject([{ found: 'a drain of 10m needs 1 heartbeat of 20, of 600 s at most' }]);
  });

  it('is asked of our hooks only', () => {
    expect(
      findingsOf({ drain: { timeMs: 359 * MINUTE_MS } }, [aHook({ notificationArn: ANOTHER_QUEUE })]),
    ).toEqual([]);
  });

  it('concerns bindings by tags whose instances are in the scaling group, and no others', () => {
    const bindings = [
      aScaledBinding({ name: 'in-it', selector: { kind: 'tags', tags: { role: 'web' } } }),
      aScaledBinding({ name: 'elsewhere', selector: { kind: 'tags', tags: { role: 'db' } } }),
    ];
    const facts = someFacts({
      config: aConfig({ bindings }),
      scalingGroups: new Map([[SCALING_GROUP, aScalingGroup()]]),
      listings: new Map([
        ['in-it', aListing()],
        ['elsewhere', aListing([])],
      ]),
    });

    expect(waitFindings(facts, SCALING_GROUP, [aHook()]).map(({ where }) => where.binding)).toEqual([
      'in-it',
    ]);
  });
});

describe('a join that a hook is to wait for', () => {
  const join = { readyWithinMs: 24 * 60 * MINUTE_MS };

  it('that may take longer than the hook can wait is a warning', () => {
    expect(findingsOf({ readiness: 'probe', join }, [aHookIn()])).toMatchObject([
      {
        severity: 'warning',
        check: 'join-wait',
        found:
          'join.readyWithin is 24h, longer than the hook can wait; ESS waits 6h at most with 20 heartbeats, less two ticks as a margin: 358m, then it is answered ABANDON',
        fix: 'set join.readyWithin to 357m at most',
      },
    ]);
  });

  it('has no limit that matters where nothing is to be proven', () => {
    expect(findingsOf({ readiness: 'running', join }, [aHookIn()])).toEqual([]);
    expect(findingsOf({ readiness: 'probe' }, [aHookIn()])).toEqual([]);
  });
});
