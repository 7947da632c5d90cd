import * as z from 'zod';
import type { LogLine } from '../../local/host/log-lines.ts';
import { counted, type Happening, shortName } from './telling.ts';

/** What a function writes at the end of each invocation, as far as it is told here. */
const EndSchema = z.object({
  durationMs: z.number(),
  outcome: z.object({
    accepted: z
      .object({
        accepted: z.number(),
        duplicates: z.number(),
        notSelected: z.number(),
        quarantined: z.number(),
      })
      .optional(),
    lanes: z.record(
      z.string(),
      z.object({
        kind: z.string(),
        writes: z.number().optional(),
        reason: z.string().optional(),
        message: z.string().optional(),
      }),
    ),
  }),
});
type End = z.infer<typeof EndSchema>;

/** The line for an invocation that has ended; `null` for one that found nothing to do, and for any other output. */
export function happeningOfLog({ line, functionName }: LogLine, atMs: number): Happening | null {
  const end = endOf(line);
  if (end === null) return null;
  const messages = describeMessages(end);
  const lanes = describeLanes(end);
  if (messages === null && lanes.length === 0) return null;
  const parts = [...(messages === null ? [] : [messages]), ...lanes];
  const hasFailed = Object.values(end.outcome.lanes).some(({ kind }) => kind === 'failed');
  return {
    atMs,
    who: 'function',
    tone: hasFailed ? 'bad' : lanes.length > 0 ? 'plain' : 'quiet',
    text: `${shortName(functionName)} (${end.durationMs} ms): ${parts.join('; ')}`,
  };
}

function endOf(line: string): End | null {
  if (!line.startsWith('{')) return null;
  try {
    return EndSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function describeMessages({ outcome: { accepted } }: End): string | null {
  if (accepted === undefined) return null;
  const kinds = [
    [accepted.accepted, 'new'],
    [accepted.duplicates, 'known already'],
    [accepted.notSelected, 'of other instances'],
    [accepted.quarantined, 'put into quarantine'],
  ] as const;
  const present = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`);
  return present.length === 0 ? null : `messages: ${present.join(', ')}`;
}

/** Only lanes where something came of it: looking and waiting is what most invocations do. */
function describeLanes({ outcome: { lanes } }: End): ReadonlyArray<string> {
  return Object.entries(lanes).flatMap(([laneId, { kind, writes, message }]) => {
    if (kind === 'applied' && writes) return [`${counted(writes, 'write')} to ${laneId}`];
    if (kind === 'failed') return [`${laneId} failed: ${message ?? 'no reason given'}`];
    return [];
  });
}
