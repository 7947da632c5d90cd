import * as z from 'zod';
import { chunksOf } from '../../collections.ts';
import { mapBounded } from '../../concurrency.ts';
import { TransientError } from '../../errors.ts';
import { phaseOfStatus } from '../../events/ecs-system-event.ts';
import { parseEventTime } from '../../events/times.ts';
import type { OpenSystemEvent } from '../../instances/model.ts';
import { observeInstances } from '../../instances/observe.ts';
import { IDS_PER_CALL, type InstanceGateway } from '../../instances/ports.ts';
import type { RpcClient } from './rpc-client.ts';

const API = 'DescribeInstancesFullStatus';
const PAGE_SIZE = 100;
const CALLS_AT_ONCE = 4;
/** A hundred instances fill one page; more than this is no end. */
const PAGES_MAX = 30;

const NameSchema = z
  .object({ Name: z.string().nullish() })
  .nullish()
  .transform((coded) => coded?.Name ?? '');

const EventSchema = z.object({
  EventId: z.string(),
  EventType: NameSchema,
  EventCycleStatus: NameSchema,
  NotBefore: z.string().nullish(),
});

const FullStatusSchema = z.object({
  InstanceId: z.string(),
  ScheduledSystemEventSet: z.object({ ScheduledSystemEventType: z.array(EventSchema).nullish() }).nullish(),
});

const PageSchema = z.object({
  RequestId: z.string(),
  InstanceFullStatusSet: z.object({ InstanceFullStatusType: z.array(FullStatusSchema) }),
  TotalCount: z.number(),
});

type FullStatus = z.infer<typeof FullStatusSchema>;

/**
 * Asks for the system events of instances that are not over, with every page.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancesfullstatus
 */
export function createOpenSystemEvents(
  client: RpcClient,
  gateway: Pick<InstanceGateway, 'describe' | 'provePermission'>,
): InstanceGateway['openSystemEvents'] {
  return async (instanceIds) => {
    const asked = [...new Set(instanceIds)].sort();
    const answers = await mapBounded(chunksOf(asked, IDS_PER_CALL.ecs), CALLS_AT_ONCE, (ids) =>
      fullStatuses(client, ids),
    );
    const found = new Map(answers.flat().map((status) => [status.InstanceId, openEvents(status)]));
    await proveGone(
      gateway,
      asked.filter((id) => !found.has(id)),
    );
    return found;
  };
}

async function fullStatuses(
  client: RpcClient,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<FullStatus>> {
  const found: Array<FullStatus> = [];
  for (let page = 1; page <= PAGES_MAX; page++) {
    const parameters = { InstanceId: ids, PageNumber: page, PageSize: PAGE_SIZE };
    const answer = await client.call(API, 'read', parameters, PageSchema);
    const { InstanceFullStatusType: statuses } = answer.InstanceFullStatusSet;
    found.push(...statuses);
    if (statuses.length === 0 || found.length >= answer.TotalCount) return found;
  }
  const origin = { api: API, code: null, requestId: null };
  throw new TransientError(`the listing has no end after ${PAGES_MAX} pages`, 'unavailable', origin);
}

/** Who is left out may be gone, or hidden from an identity without permission: who is listed elsewhere is not gone. */
async function proveGone(
  gateway: Pick<InstanceGateway, 'describe' | 'provePermission'>,
  missing: ReadonlyArray<string>,
): Promise<void> {
  if (missing.length === 0) return;
  const { present } = await observeInstances(gateway, missing);
  const [hidden] = present.keys();
  if (hidden === undefined) return;
  const message = `${API} says nothing of ${present.size} instances that exist, such as ${hidden}: is it allowed?`;
  throw new TransientError(message, 'unavailable', { api: API, code: null, requestId: null });
}

function openEvents({ ScheduledSystemEventSet }: FullStatus): ReadonlyArray<OpenSystemEvent> {
  return (ScheduledSystemEventSet?.ScheduledSystemEventType ?? [])
    .map(({ EventId, EventType, EventCycleStatus, NotBefore }) => ({
      eventId: EventId,
      eventType: EventType,
      status: EventCycleStatus,
      notBeforeMs: parseEventTime(NotBefore),
    }))
    .filter(({ status }) => phaseOfStatus(status) !== 'over');
}
