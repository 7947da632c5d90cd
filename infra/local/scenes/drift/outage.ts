import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { LocalClouds } from '../../clouds.ts';
import * as checks from '../checks.ts';
import type { Script } from '../script.ts';

/** A time in which no function is called and no event is kept. */
export interface Outage {
  /** Everything is called again as before. */
  end(): void;
}

/** Ends before it are waited for so long: a pass, and what it hands over. */
const AT_WORK_MAX_MS = 15_000;

/**
 * Takes every rule, stream and timer away, so that events are lost and nothing is called, and empties the queue of wake-ups.
 * Resolves when no function is at work any more.
 */
export async function beginOutage(clouds: LocalClouds, script: Script): Promise<Outage> {
  const { eventBridge, eventStreams, timers, mns } = clouds;
  const rules = eventBridge.listRules();
  const streams = eventStreams.listStreams().map(({ stream }) => stream);
  const kept = timers.listTimers();
  for (const { name } of rules) eventBridge.deleteRule(name);
  for (const { name } of streams) eventStreams.deleteStream(name);
  for (const { functionName, name } of kept) timers.deleteTimer(functionName, name);
  await script.until('no function is at work any more', AT_WORK_MAX_MS, () => checks.workUnderWay(clouds));
  const { attributes } = mns.getQueueAttributes(QUEUES.wakeUps);
  mns.deleteQueue(QUEUES.wakeUps);
  mns.createQueue(QUEUES.wakeUps, attributes);
  return {
    end() {
      for (const rule of rules) eventBridge.putRule(rule);
      for (const stream of streams) eventStreams.putStream(stream);
      for (const timer of kept) timers.putTimer(timer);
    },
  };
}
