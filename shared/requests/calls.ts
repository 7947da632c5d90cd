import { backendSubject, pairSubject } from '../audit/model.ts';
import type { RecentAudit } from '../audit/ports.ts';
import { mapBounded } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { backendId } from '../server-groups/model.ts';
import type { AdmissionPolicy } from './admission.ts';
import { ALL_INSTANCES } from './document.ts';
import { begunChange, portsOf } from './effects/backends.ts';
import { isAboutPair } from './effects/pairs.ts';
import type { RequestCall, RequestRow } from './model.ts';

/** Subjects of which the calls are told; the audit has those of the others as well. */
const SUBJECTS_MAX = 50;
/** A change has two or three calls of a backend, and one for each listener of a pair. */
const ENTRIES_MAX = 60;
/** Calls of all together: they stand in the request's row, and in its result. */
const CALLS_MAX = 300;
const AT_ONCE = 6;

/** The row with the calls in its result. Throws nothing: a result must not wait for what only decorates it. */
export async function withCalls(
  { audit, logger }: { readonly audit: Pick<RecentAudit, 'latest'>; readonly logger: Logger },
  policy: AdmissionPolicy,
  row: RequestRow,
): Promise<RequestRow> {
  const { result } = row;
  if (result === null || row.begunAtMs === null) return row;
  try {
    return { ...row, result: { ...result, calls: await callsOf(audit, policy, row) } };
  } catch (error) {
    // The audit has them all the same.
    logger.warn({ requestId: row.request.requestId }, `calls not told: ${describeError(error)}`);
    return row;
  }
}

/** The calls that were made about a request's target since it began, the oldest first. Throws what the audit throws. */
export async function callsOf(
  audit: Pick<RecentAudit, 'latest'>,
  { bindings }: AdmissionPolicy,
  row: RequestRow,
): Promise<ReadonlyArray<RequestCall>> {
  const sinceMs = row.begunAtMs ?? row.receivedAtMs;
  const found = await mapBounded(subjectsOf(row, bindings).slice(0, SUBJECTS_MAX), AT_ONCE, async (subject) =>
    (await audit.latest(subject, ENTRIES_MAX))
      .filter(({ atMs, requestIds }) => atMs >= sinceMs && requestIds.length > 0)
      .map(
        ({ atMs, action, reason, requestIds }): RequestCall => ({
          atMs,
          action,
          subject,
          reason,
          requestIds,
        }),
      ),
  );
  return found
    .flat()
    .sort((a, b) => a.atMs - b.atMs || (a.subject < b.subject ? -1 : 1))
    .slice(0, CALLS_MAX);
}

function subjectsOf(row: RequestRow, bindings: AdmissionPolicy['bindings']): ReadonlyArray<string> {
  const { change } = row.request;
  if (isAboutPair(change)) return [pairSubject(change.pair)];
  const begun = begunChange(row, row.receivedAtMs);
  const binding = bindings.find(({ name }) => name === begun?.change.binding);
  if (begun === null || binding === undefined) return [];
  const { vServerGroupId, type } = binding;
  if (begun.change.instances === ALL_INSTANCES || type !== 'ecs') {
    // Who they were when it began, and which addresses they had, is what its plan says.
    const steps = (row.result?.plan ?? row.plan)?.steps ?? [];
    return [...new Set(steps.map(({ subject }) => backendSubject(subject)))];
  }
  return begun.change.instances.flatMap((serverId) =>
    portsOf(begun.change, binding).map((port) =>
      backendSubject(backendId({ vServerGroupId, serverId, port, serverIp: null })),
    ),
  );
}
