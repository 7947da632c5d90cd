import type { Random } from '../../infra/local/world/random.ts';
import { parseBatch } from '../../shared/events/interpret.ts';
import type { InboundEvent } from '../../shared/events/model.ts';

/** Messages that the stream hands over in one invocation at most. */
export const EVENTS_PER_BATCH = 100;

/** An ECS state-change event for each instance, as JSON. The same call gives the same events. */
export function stateBodies(
  instanceIds: ReadonlyArray<string>,
  state: string,
  series = '',
): ReadonlyArray<{ readonly id: string; readonly body: string }> {
  return instanceIds.map((resourceId) => {
    const id = `bench${series}-${state}-${resourceId}`;
    const event = {
      id,
      source: 'acs.ecs',
      specversion: '1.0',
      type: 'ecs:Instance:StateChange',
      data: { resourceId, resourceType: 'ALIYUN::ECS::Instance', state },
    };
    return { id, body: JSON.stringify(event) };
  });
}

/** The payload of one invocation with these events. */
export function statePayload(instanceIds: ReadonlyArray<string>, state: string, series = ''): Buffer {
  const bodies = stateBodies(instanceIds, state, series).map(({ body }) => body);
  return Buffer.from(`[${bodies.join(',')}]`);
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
