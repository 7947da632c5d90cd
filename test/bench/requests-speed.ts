import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDesk } from '../../infra/local/scenes/requests/desk.ts';
import { createScript } from '../../infra/local/scenes/script.ts';
import { openStage, type Stage } from '../../infra/local/scenes/stage.ts';
import { mapBounded } from '../../shared/concurrency.ts';
import { parseConfig } from '../../shared/config/load.ts';
import { configurationFor, type Load, requestsFor, tagsOf, WEIGHT } from './requests-load.ts';

const PUTS_AT_ONCE = 10;
const JOINED_MAX_MS = 180_000;
const ANSWERED_MAX_MS = 180_000;

/** Seconds from the first put of the load's requests to the first and to the last result. */
export interface Answered {
  readonly firstSeconds: number;
  readonly lastSeconds: number;
}

/** Puts the load's requests on the queue of local clouds with the built product, and takes the results off theirs. */
export async function answerForReal(load: Load): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-bench-'));
  try {
    const configFile = join(folder, 'autopilot.yaml');
    const text = JSON.stringify(configurationFor(load));
    await writeFile(configFile, text);
    const stage = await openStage({
      config: parseConfig(text, configFile),
      configFile,
      clouds: {
        ecsTimings: { pendingMs: 100, startingMs: 300, stoppingMs: 300, releasingMs: 300 },
        streamConcurrency: 2,
      },
      onProgress: () => {},
    });
    try {
      return await answer(stage, load);
    } finally {
      await stage.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function answer(stage: Stage, load: Load): Promise<Answered> {
  const { ecs, slb, foundation } = stage.clouds;
  const script = createScript(foundation, new AbortController().signal);
  const ids = Array.from({ length: load.bindings }, (_, index) =>
    ecs.runInstances({
      amount: load.each,
      tags: Object.entries(tagsOf(index)).map(([key, value]) => ({ key, value })),
    }),
  ).flat();
  await script.until('all serve', JOINED_MAX_MS, () => {
    const backends = slb.groups().flatMap((group) => group.backends);
    const missing = ids.length - backends.filter(({ weight }) => weight === WEIGHT).length;
    return missing === 0 ? [] : [`${missing} do not`];
  });
  const desk = await openDesk(stage.clouds);
  try {
    const startedAtMs = performance.now();
    const seconds = () => (performance.now() - startedAtMs) / 1_000;
    await mapBounded(requestsFor(load, ids), PUTS_AT_ONCE, (request) => desk.put(request));
    let firstSeconds: number | null = null;
    await script.until('all are answered', ANSWERED_MAX_MS, () => {
      const answered = new Set(desk.results.map(({ resultId }) => resultId)).size;
      if (answered > 0) firstSeconds ??= seconds();
      return answered >= ids.length ? [] : [`${answered} are`];
    });
    const lastSeconds = seconds();
    const other = desk.results.find(({ outcome }) => outcome !== 'done');
    if (other !== undefined) throw new Error(`${other.requestId} is ${other.outcome}: ${other.reason}`);
    return { firstSeconds: firstSeconds ?? lastSeconds, lastSeconds };
  } finally {
    await desk.close();
  }
}
