import type { Dice } from '../dice.ts';

const ROLES = ['web', 'api', 'jobs', 'media'] as const;

/** The text of a configuration: JSON, which is YAML too. */
export function drawConfiguration(dice: Dice): string {
  const roll = dice.random();
  const loadBalancers = Array.from(
    { length: roll < 0.45 ? 1 : roll < 0.95 ? 2 : 3 },
    (_, n) => `lb-sim${n + 1}`,
  );
  const groupCount = Math.max(2, dice.whole(loadBalancers.length, loadBalancers.length + 1));
  const bindings = Array.from({ length: groupCount }, (_, n) => ({
    name: `binding-${n + 1}`,
    loadBalancer: loadBalancers[n] ?? dice.pick(loadBalancers),
    vServerGroup: `rsp-sim${n + 1}`,
    selector: { tags: { role: n < 2 ? ROLES[n] : dice.pick(ROLES) } },
    ports: dice.some([80, 8080, 9090], dice.whole(1, 2)).map((port) => ({
      port,
      weight: dice.chance(0.7) ? 100 : dice.whole(1, 100),
    })),
    adopt: dice.chance(0.2),
    ...drawPolicy(dice),
  }));
  return JSON.stringify({
    version: 1,
    region: 'cn-hangzhou',
    bindings,
    timing: drawTiming(dice),
    // Now and then the account's share of calls is what everybody waits for.
    ...(dice.chance(0.15) ? { limits: { callsPerMinute: dice.whole(12, 40), reserveForPeople: 4 } } : {}),
  });
}

function drawPolicy(dice: Dice): object {
  const roll = dice.random();
  const readiness = roll < 0.55 ? 'running' : roll < 0.75 ? 'probe' : roll < 0.9 ? 'load-balancer' : 'both';
  const ramp = { steps: dice.pick([[10, 50], [50], [5, 20, 60]]), every: `${dice.whole(5, 30)}s` };
  return {
    readiness,
    probe: { every: `${dice.pick([5, 10, 20])}s` },
    join: {
      readyWithin: `${dice.whole(30, 180)}s`,
      whenNotReady: dice.pick(['stay', 'remove']),
      ...(dice.chance(0.35) ? { ramp } : {}),
    },
    drain: {
      time: `${dice.pick([0, 5, 30, 60, 120])}s`,
      whenNotGuaranteed: dice.chance(0.85) ? 'wait' : 'refuse',
    },
    guards: { minInService: dice.whole(1, 3), maxDisruption: dice.pick([25, 50, 100]) },
  };
}

function drawTiming(dice: Dice): object {
  return { gather: `${dice.pick([0, 1, 2, 5])}s`, compare: `${dice.pick([2, 5, 5, 5])}m` };
}
