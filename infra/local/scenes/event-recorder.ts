import type { LocalClouds } from '../clouds.ts';
import type { CloudEvent } from '../world/eventbridge/cloud-event.ts';

/** Name of the recorder's rule, queue and target: what it is delivered is none of the product's. */
export const RECORDER_NAME = 'scene-recorder';

/** Keeps every event of the bus as it was, so that it can be published again. */
export interface EventRecorder {
  /** Stops recording; the events in the order in which they were first published, each once. */
  finish(): Promise<ReadonlyArray<CloudEvent>>;
}

/** Records with a rule and a queue of its own, as one would in the cloud. */
export function recordEvents({ foundation, mns, eventBridge }: LocalClouds): EventRecorder {
  const { region, identities, timeline } = foundation;
  mns.createQueue(RECORDER_NAME);
  const endpoint = `acs:mns:${region}:${identities.accountId}:queues/${RECORDER_NAME}`;
  eventBridge.putRule({
    name: RECORDER_NAME,
    filterPattern: '{}',
    targets: [{ id: RECORDER_NAME, endpoint, isBase64Encode: false }],
  });
  return {
    async finish() {
      eventBridge.deleteRule(RECORDER_NAME);
      const messages = await mns.take(RECORDER_NAME, { count: Number.MAX_SAFE_INTEGER, waitMs: 0 });
      mns.deleteQueue(RECORDER_NAME);
      const events = messages.map(({ body }) => JSON.parse(body) as CloudEvent);
      const byId = new Map(events.map((event) => [event.id, event]));
      const published = timeline.entries.filter(({ kind }) => kind === 'event-published');
      return published.flatMap(({ details }) => byId.get(String(details.eventId)) ?? []);
    },
  };
}
