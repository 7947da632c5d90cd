/** What a message of the queues tells of: something that happened to an instance, a hook that waits, or an alarm. */
export interface Told {
  /** The key under which the table of done messages has it. */
  readonly key: string;
  /** For people: the event's id or the hook's token, and what it is about. */
  readonly id: string;
  readonly what: string;
  /** A system event that is only announced: nobody has to act on it where nothing is drained ahead. */
  readonly isPlanned: boolean;
}

/** The states after which somebody may have to come or go. */
const STATES = new Set<unknown>(['Running', 'Stopping', 'Stopped', 'Deleted']);
const SYSTEM_EVENT = /^ecs:Instance:System(?:Maintenance|Failure)\.|^ecs:Instance:InstanceFailure\./;

/**
 * What a payload that an event stream delivers tells of: a list of the queue's messages, each with the event's JSON, or the
 * Base64 of it, as its body. Everything else in it, such as our own wake-ups, is left out.
 */
export function toldIn(payload: Buffer): ReadonlyArray<Told> {
  const elements = JSON.parse(payload.toString('utf8')) as ReadonlyArray<unknown>;
  return elements.flatMap((element) => toldBy(eventIn(element)) ?? []);
}

/** `null` = it tells of nothing that anybody has to act on. */
export function toldBy(event: unknown): Told | null {
  const { type, source, id, data, content } = partsOf(event);
  if (type === undefined) return hookIn(partsOf(content)) ?? alarmIn(partsOf(event));
  const said = partsOf(data);
  const isNews =
    (type === 'ecs:Instance:StateChange' && STATES.has(said.state)) ||
    (type === 'ecs:Instance:PreemptibleInstanceInterruption' && said.action === 'delete');
  if (isNews) {
    const key = `event/${encodeURIComponent(String(source))}/${encodeURIComponent(String(id))}`;
    const instanceId = said.resourceId ?? said.instanceId;
    return {
      key,
      id: String(id),
      what: `${String(instanceId)} ${String(said.state ?? 'interrupted')}`,
      isPlanned: false,
    };
  }
  if (!SYSTEM_EVENT.test(String(type)) || typeof said.eventId !== 'string') return null;
  const { eventId, eventStatus, instanceId } = said;
  const key = `system-event/${encodeURIComponent(eventId)}/${encodeURIComponent(String(eventStatus))}`;
  const isPlanned = eventStatus === 'Scheduled' || eventStatus === 'Inquiring';
  return {
    key,
    id: eventId,
    what: `${String(instanceId)} ${String(type)} ${String(eventStatus)}`,
    isPlanned,
  };
}

function hookIn({
  lifecycleHookId,
  lifecycleActionToken: token,
}: Readonly<Record<string, unknown>>): Told | null {
  if (typeof lifecycleHookId !== 'string' || typeof token !== 'string') return null;
  return { key: `hook/${lifecycleHookId}/${token}`, id: token, what: lifecycleHookId, isPlanned: false };
}

/** An alarm of CloudMonitor about a listener: the same rule, listener, level and instant are one. */
function alarmIn({
  namespace,
  ruleId,
  curLevel,
  resources,
  time,
}: Readonly<Record<string, unknown>>): Told | null {
  if (namespace !== 'acs_slb_dashboard' || typeof resources !== 'string') return null;
  const { instanceId, port } = JSON.parse(resources) as Readonly<Record<string, string>>;
  const parts = [ruleId, `${instanceId}:${port}`, curLevel, time].map((part) =>
    encodeURIComponent(String(part)),
  );
  return { key: `alarm/${parts.join('/')}`, id: String(ruleId), what: `alarm ${curLevel}`, isPlanned: false };
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
