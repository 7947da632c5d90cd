/** A state change of an instance, as a message of the queue tells of it. */
export interface StateMessage {
  /** Of the event inside, whatever carries it. */
  readonly source: string;
  readonly id: string;
  readonly instanceId: string;
  readonly state: string;
}

/** The states after which somebody may have to come or go. */
const STATES = new Set<unknown>(['Running', 'Stopping', 'Stopped', 'Deleted']);

/** The key under which the table of done messages has the event: space, source and id, each escaped. */
export function doneKeyOf({ source, id }: Pick<StateMessage, 'source' | 'id'>): string {
  return `event/${encodeURIComponent(source)}/${encodeURIComponent(id)}`;
}

/**
 * The state changes in a payload that an event stream delivers: a list of the queue's messages, each with the event's JSON,
 * or the Base64 of it, as its body. Everything else in it, such as our own wake-ups, is left out.
 */
export function stateMessagesOf(payload: Buffer): ReadonlyArray<StateMessage> {
  const elements = JSON.parse(payload.toString('utf8')) as ReadonlyArray<unknown>;
  return elements.flatMap((element) => stateMessageOf(eventIn(element)) ?? []);
}

/** `null` = it is none, or of a state that nobody has to act on. */
export function stateMessageOf(event: unknown): StateMessage | null {
  const { type, source, id, data } = partsOf(event);
  const { resourceId, state } = partsOf(data);
  if (type !== 'ecs:Instance:StateChange' || !STATES.has(state)) return null;
  return { source: String(source), id: String(id), instanceId: String(resourceId), state: String(state) };
}

function eventIn(element: unknown): unknown {
  const { data, messageBody } = partsOf(element);
  const body = messageBody ?? partsOf(data).messageBody;
  if (typeof body !== 'string') return element;
  try {
    const text = body.startsWith('{') ? body : Buffer.from(body, 'base64').toString('utf8');
    return JSON.parse(text);
  } catch {
    // What cannot be read is for quarantine and no state change.
    return null;
  }
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
