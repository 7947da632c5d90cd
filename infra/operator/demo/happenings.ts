import { RECORDER_NAME } from '../../local/scenes/event-recorder.ts';
import type { CallRecord } from '../../local/world/calls.ts';
import type { BackendServer } from '../../local/world/slb/model.ts';
import type { TimelineEntry } from '../../local/world/timeline.ts';
import { ofScaling } from './scaling-happenings.ts';
import { counted, distinct, type Happening, shortName, single, someOf, type Telling } from './telling.ts';

/** The lines for what happened in one moment, like things together, without what would only be noise. */
export function foldHappenings(entries: ReadonlyArray<TimelineEntry>): ReadonlyArray<Happening> {
  const lines = new Map<string, { telling: Telling; atMs: number; subjects: Array<string> }>();
  for (const entry of entries) {
    const telling = tellingOf(entry);
    if (telling === null) continue;
    const line = lines.get(telling.key);
    if (line === undefined)
      lines.set(telling.key, { telling, atMs: entry.atMs, subjects: [telling.subject] });
    else line.subjects.push(telling.subject);
  }
  return [...lines.values()].map(({ telling: { who, tone, text }, atMs, subjects }) => ({
    atMs,
    who,
    tone,
    text: text(subjects),
  }));
}

/** The products whose writes people want to hear of. */
const TOLD_PRODUCTS: Readonly<Partial<Record<CallRecord['product'], string>>> = {
  slb: 'SLB',
  ecs: 'ECS',
  ess: 'ESS',
};

/** A call that is worth a line: an order of the operator, or a refusal that the functions got. */
export function happeningOfCall({
  principal,
  product,
  action,
  errorCode,
  parameters,
  startedAtMs,
  endedAtMs,
}: CallRecord): Happening | null {
  const who = TOLD_PRODUCTS[product];
  if (who === undefined || action.startsWith('Describe')) return null;
  if (principal.kind === 'administrator') {
    const outcome = errorCode === null ? '' : `, refused: ${errorCode}`;
    return {
      atMs: startedAtMs,
      who: 'you',
      tone: 'headline',
      text: `${action} ${orderOf(parameters)}${outcome}`,
    };
  }
  if (errorCode === null) return null;
  const text =
    errorCode === 'ConnectionLost' ? `${action}: the answer was lost` : `${action} was refused: ${errorCode}`;
  return { atMs: endedAtMs, who, tone: 'bad', text };
}

function orderOf(parameters: unknown): string {
  const { amount, tags, instanceId, scalingGroupId, adjustmentType, adjustmentValue } = parameters as {
    amount?: number;
    tags?: ReadonlyArray<{ key: string; value: string }>;
    instanceId?: string;
    scalingGroupId?: string;
    adjustmentType?: string;
    adjustmentValue?: number;
  };
  if (instanceId !== undefined) return instanceId;
  if (adjustmentValue !== undefined) {
    const isTotal = adjustmentType === 'TotalCapacity';
    const value = isTotal ? `to ${adjustmentValue}` : `by ${adjustmentValue}`;
    return `${scalingGroupId} ${value}${adjustmentType === 'PercentChangeInCapacity' ? ' %' : ''}`;
  }
  return [
    ...(amount === undefined ? [] : [`${amount} ×`]),
    ...(tags ?? []).map(({ key, value }) => `${key}=${value}`),
  ].join(' ');
}

function tellingOf(entry: TimelineEntry): Telling | null {
  switch (entry.source) {
    case 'scene':
      return single(entry, 'scene', 'headline');
    case 'ecs':
      return ofInstance(entry);
    case 'ess':
      return ofScaling(entry);
    case 'slb':
      return ofGroup(entry);
    case 'eventbridge':
      return ofEvent(entry);
    case 'fc':
      return ofFunction(entry);
    case 'mns':
      return single(entry, 'queue', 'bad');
    case 'cms':
      return single(entry, 'CloudMonitor', 'bad');
    case 'timer':
      return entry.kind === 'timer-fired' ? null : single(entry, 'timer', 'bad');
  }
}

const STATES: Readonly<
  Record<string, { readonly words: string; readonly tone: Happening['tone'] } | undefined>
> = {
  Created: { words: 'created', tone: 'quiet' },
  Running: { words: 'Running', tone: 'good' },
  Stopping: { words: 'Stopping', tone: 'leaving' },
  Stopped: { words: 'Stopped', tone: 'leaving' },
  Deleted: { words: 'released', tone: 'leaving' },
};

function ofInstance(entry: TimelineEntry): Telling | null {
  const { kind, details } = entry;
  if (kind === 'spot-interruption') return single(entry, 'ECS', 'leaving');
  if (kind.startsWith('system-event-')) return single(entry, 'ECS', 'plain');
  const state = STATES[String(details.state)];
  if (state === undefined) return null;
  return {
    key: `ecs ${details.state}`,
    who: 'ECS',
    tone: state.tone,
    subject: String(details.instanceId),
    text: (ids) => `${counted(ids.length, 'instance')} ${state.words}: ${someOf(ids)}`,
  };
}

function ofGroup(entry: TimelineEntry): Telling | null {
  const { kind, text, details } = entry;
  const name = text.slice(0, text.indexOf(' '));
  const backends = (details.backends ?? []) as ReadonlyArray<BackendServer>;
  const servers = [...new Set(backends.map(({ serverId }) => serverId))];
  const ports = distinct(backends.map(({ port }) => `:${port}`));
  const told = (words: string, tone: Happening['tone']): Telling => ({
    ...single(entry, 'SLB', tone),
    text: () => `${name}: ${words}: ${someOf(servers)}`,
  });
  switch (kind) {
    case 'backends-added': {
      const weights = distinct(backends.map(({ port, weight }) => `${weight} on :${port}`));
      return told(`${counted(backends.length, 'backend')} added in one call, weight ${weights}`, 'good');
    }
    case 'weights-set': {
      const weights = distinct(backends.map(({ weight }) => String(weight)));
      return told(
        `weight ${weights} for ${counted(backends.length, 'backend')} on ${ports}`,
        weights === '0' ? 'leaving' : 'good',
      );
    }
    case 'backends-removed':
      return told(`${counted(backends.length, 'backend')} removed from ${ports}`, 'leaving');
    default:
      return single(entry, 'SLB', 'plain');
  }
}

function ofEvent(entry: TimelineEntry): Telling | null {
  const { kind, details } = entry;
  switch (kind) {
    case 'event-published':
    case 'batch-delivered':
      return null;
    case 'event-delivered':
      if (details.ruleName === RECORDER_NAME) return null;
      return {
        key: `delivered ${details.ruleName}`,
        who: 'events',
        tone: 'quiet',
        subject: String(details.eventId),
        text: (ids) => `${counted(ids.length, 'event')} put on the queue of ${details.targetId}`,
      };
    case 'batch-failed':
      return {
        ...single(entry, 'events', 'bad'),
        text: () =>
          `${counted(Number(details.count), 'message')} not taken by ${shortName(String(details.functionName))}; they will come again`,
      };
    default:
      return single(entry, 'events', 'bad');
  }
}

const QUIET_OF_FUNCTIONS = ['function-invoked', 'function-finished', 'instance-started', 'instance-ended'];

function ofFunction(entry: TimelineEntry): Telling | null {
  if (QUIET_OF_FUNCTIONS.includes(entry.kind)) return null;
  const text = shortName(entry.text);
  return { ...single(entry, 'function', 'bad'), text: () => text };
}
