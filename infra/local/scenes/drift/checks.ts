import type { SweepReport } from '../../../../shared/sweep/model.ts';
import type { CallRecord } from '../../world/calls.ts';
import { namedServers } from '../function-calls.ts';

// Every check returns what is not as it should be, one sentence each.

/** A backend by its place. */
export interface Place {
  readonly vServerGroupId: string;
  readonly serverId: string;
  readonly port: number;
}

/** What a group holds, as far as it matters here. */
export interface Held extends Omit<Place, 'vServerGroupId'> {
  readonly weight: number;
  readonly description: string;
}

/** `i-…:80 of rsp-…`, as the checks of all scenes write it. */
export function nameOf({ vServerGroupId, serverId, port }: Place): string {
  return `${serverId}:${port} of ${vServerGroupId}`;
}

/** How a backend has another weight than this; `null` = it should not be there. */
export function notAtWeight(
  backends: ReadonlyArray<Held>,
  place: Place,
  weight: number | null,
): ReadonlyArray<string> {
  const found = backends.find(({ serverId, port }) => serverId === place.serverId && port === place.port);
  const is = found?.weight ?? null;
  if (is === weight) return [];
  return [`${nameOf(place)} ${is === null ? 'is not there' : `has weight ${is}`}`];
}

/** What of the differences is about none of these backends, and to be found in none of these groups. */
export function unexplained(
  problems: ReadonlyArray<string>,
  places: ReadonlyArray<Place>,
  groupIds: ReadonlyArray<string>,
): ReadonlyArray<string> {
  const names = [...places.map(nameOf)];
  return problems.filter(
    (problem) =>
      !names.some((name) => problem.startsWith(`${name} `)) &&
      !groupIds.some((id) => problem.includes(` of ${id} `)),
  );
}

/** What a report was to tell of a backend or group: what holds it, and words of the reason. */
export interface Told {
  /** `rsp-…/i-…:80`, or a group. */
  readonly subject: string;
  readonly by: string;
  readonly reason: string;
}

type Sections = Pick<SweepReport, 'sections'>;

/** What the report does not say is held, or says for another reason. */
export function untold({ sections }: Sections, expected: ReadonlyArray<Told>): ReadonlyArray<string> {
  const lines = sections.flatMap((section) => section.lines);
  return expected.flatMap(({ subject, by, reason }) => {
    const line = lines.find((each) => each.subject === subject);
    if (line === undefined) return [`the report says nothing of ${subject}`];
    if (line.kind !== 'held') return [`${subject} is not held: ${line.kind}`];
    if (line.by !== by || !line.reason.includes(reason)) {
      return [`${subject} is held by ${line.by}: ${line.reason}`];
    }
    return [];
  });
}

/** Whether the report does not say that this goes on by itself, with these words. */
export function untoldWait({ sections }: Sections, subject: string, words: string): ReadonlyArray<string> {
  const line = sections.flatMap(({ lines }) => lines).find((each) => each.subject === subject);
  if (line === undefined) return [`the report says nothing of ${subject}`];
  return line.kind === 'under-way' && line.reason.includes(words)
    ? []
    : [`${subject}: ${line.kind}, ${line.reason}`];
}

/** What the report says is held, and should not be. */
export function heldTooMuch({ sections }: Sections, expected: ReadonlyArray<Told>): ReadonlyArray<string> {
  const known = new Set(expected.map(({ subject }) => subject));
  return sections
    .flatMap(({ lines }) => lines)
    .flatMap((line) =>
      line.kind === 'held' && !known.has(line.subject) ? [`${line.subject} is held: ${line.reason}`] : [],
    );
}

/** Words that no remark about the binding has; `null` = no remark of the sweep itself. */
export function unremarked(
  { sections, remarks }: Pick<SweepReport, 'sections' | 'remarks'>,
  binding: string | null,
  words: string,
): ReadonlyArray<string> {
  const all =
    binding === null
      ? remarks
      : sections.filter(({ name }) => name === binding).flatMap((section) => section.remarks);
  return all.some((remark) => remark.includes(words))
    ? []
    : [`no remark says “${words}”${all.length === 0 ? '' : `: ${all.join('; ')}`}`];
}

/** Backends of strangers that are gone, or not byte for byte as before. */
export function strangersChanged(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ReadonlyArray<string> {
  return [...before].flatMap(([name, text]) => {
    const now = after.get(name);
    if (now === text) return [];
    return [now === undefined ? `${name} is gone` : `${name} was ${text} and is ${now}`];
  });
}

/** Writes that name a backend of a stranger. */
export function writesToStrangers(
  writes: ReadonlyArray<CallRecord>,
  strangers: ReadonlyArray<Place>,
): ReadonlyArray<string> {
  return writes.flatMap((call) => {
    const { vServerGroupId, backendServers = [] } = call.parameters as {
      vServerGroupId?: string;
      backendServers?: ReadonlyArray<{ serverId?: string; port?: number }>;
    };
    if (namedServers(call).length === 0) return [];
    return strangers
      .filter(
        (place) =>
          place.vServerGroupId === vServerGroupId &&
          backendServers.some(({ serverId, port }) => serverId === place.serverId && port === place.port),
      )
      .map((place) => `${call.action} named ${nameOf(place)}`);
  });
}
