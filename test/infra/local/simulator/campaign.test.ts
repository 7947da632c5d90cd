import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryDeployment } from '../../../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import { runCampaign } from '../../../../infra/local/simulator/campaign/campaign.ts';
import { shrink } from '../../../../infra/local/simulator/campaign/shrink.ts';
import type { Day } from '../../../../infra/local/simulator/day.ts';
import { drawDay } from '../../../../infra/local/simulator/draw/day.ts';
import type { Violation } from '../../../../infra/local/simulator/invariants/invariant.ts';

let deployment: MemoryDeployment;
beforeAll(async () => {
  deployment = await readMemoryDeployment();
});

describe('a campaign', () => {
  it('comes to the same on one processor and on two', async () => {
    const campaign = async (processes: number) => {
      const seen: Array<number> = [];
      const report = await runCampaign({
        deployment,
        configuration: null,
        isShrunk: false,
        firstSeed: 20,
        seeds: 3,
        processes,
        onProgress: ({ played }) => seen.push(played),
      });
      expect(seen).toEqual([1, 2, 3]);
      expect(report.cpuMsPerSeed).toBeGreaterThan(0);
      return { ...report, cpuMsPerSeed: 0, virtualHoursPerCpuSecond: 0 };
    };

    expect(await campaign(2)).toEqual(await campaign(1));
  }, 120_000);
});

describe('shrinking', () => {
  const drawn = drawDay(4);
  const violation = { invariant: 'I3', atMs: 40 * 60_000, text: 'as drawn' } as const;
  const guilty = drawn.faults[2];
  const [first] = drawn.happenings.flatMap((happening) =>
    happening.kind === 'start' ? happening.names : [],
  );

  it('keeps only what is needed to break the same invariant', async () => {
    const breaks = async (day: Day): Promise<Violation | null> => {
      const isStarted = day.happenings.some(
        (happening) => happening.kind === 'start' && happening.names.some((name) => name === first),
      );
      const isBroken = isStarted && day.faults.some((fault) => fault === guilty);
      return isBroken ? { ...violation, text: 'smaller' } : { ...violation, invariant: 'I1' };
    };
    const shrunk = await shrink(drawn, violation, breaks);

    expect(shrunk.drawn).toEqual({ happenings: drawn.happenings.length, faults: drawn.faults.length });
    expect(shrunk.violation).toEqual({ ...violation, text: 'smaller' });
    expect(shrunk.day.faults).toEqual([guilty]);
    expect(shrunk.day.happenings).toEqual([expect.objectContaining({ kind: 'start', names: [first] })]);
    expect(shrunk.day.clocksApartMs).toBe(0);
  });

  it('leaves the day as it is when nothing less breaks it, and plays so often at most', async () => {
    let plays = 0;
    const never = async () => {
      plays++;
      return null;
    };
    const shrunk = await shrink(drawn, violation, never, 25);

    expect(shrunk.day).toBe(drawn);
    expect(plays).toBe(25);
  });
});
