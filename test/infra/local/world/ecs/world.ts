import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import type { InstanceNotice } from '../../../../../infra/local/world/ecs/notice.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';

/** When the test worlds begin. */
export const START_MS = Date.parse('2026-11-20T08:00:30Z');
/** From RunInstances to Running in them. */
export const RUNNING_AFTER_MS = 300;

/** An ECS world on a virtual clock that writes down everything it says, states and notices in one order. */
export function anEcsWorld(options: FoundationOptions = {}, startMs = START_MS) {
  const clock = new VirtualClock(startMs);
  const foundation = createFoundation({ clock, ...options });
  const ecs = createEcs(foundation, {
    pendingMs: 100,
    startingMs: 200,
    stoppingMs: 400,
    releasingMs: 800,
    spotNoticeMs: 10_000,
  });
  const said: Array<string> = [];
  const notices: Array<InstanceNotice> = [];
  const at = () => `+${clock.nowMs() - START_MS}`;
  ecs.onStateChange(({ state }) => said.push(`${state} ${at()}`));
  ecs.onNotice((notice) => {
    notices.push(notice);
    said.push(`${[notice.name, notice.series?.status].filter(Boolean).join(' ')} ${at()}`);
  });
  /** One that runs; what was said until then is forgotten. */
  const running = (spotStrategy?: string) => {
    const [instanceId = ''] = ecs.runInstances({ amount: 1, spotStrategy });
    clock.advanceBy(RUNNING_AFTER_MS);
    said.length = 0;
    return instanceId;
  };
  return { clock, foundation, ecs, said, notices, running };
}

/** The code of the CloudError that `run` throws; `none` when it throws nothing. */
export function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
