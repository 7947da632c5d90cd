import type { Random } from '../../infra/local/world/random.ts';
import { parseBatch } from '../../shared/events/interpret.ts';
import type { InboundEvent } from '../../shared/events/model.ts';

/** Messages that the stream hands over in one invocation at most. */
export const EVENTS_PER_BATCH = 100;

/** The payload of one invocation: an ECS state-change event for each instance. The same call gives the same events. */
export function statePayload(instanceIds: ReadonlyArray<string>, state: string, series = ''): Buffer {
  const events = instanceIds.map((resourceId) => ({
    id: `bench${series}-${state}-${resourceId}`,
    source: 'acs.ecs',
    specversion: '1.0',
    type: 'ecs:Instance:StateChange',
    data: { resourceId, resourceType: 'ALIYUN::ECS::Instance', state },
  }));
  return Buffer.from(JSON.stringify(events));
}

/** The same as {@link statePayload}, as the handlers get it after parsing. */
export function stateEvents(instanceIds: ReadonlyArray<string>, state: string): ReadonlyArray<InboundEvent> {
  return parseBatch(statePayload(instanceIds, state));
}

/** The items in another order, the same one for the same random numbers. */
export function shuffled<T>(items: ReadonlyArray<T>, random: Random): Array<T> {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
