import { allOrFailure } from '../concurrency.ts';
import type { InstanceObservation } from '../instances/model.ts';
import { observeInstances } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';

/** What ECS says of some instances. */
export interface Look {
  readonly instances: InstanceObservation;
  /** Empty if it was not asked for. */
  readonly events: Awaited<ReturnType<InstanceGateway['openSystemEvents']>>;
}

/** Looks at instances, both questions at once. */
export async function lookAt(
  { instances }: { readonly instances: InstanceGateway },
  ids: ReadonlyArray<string>,
  withSystemEvents: boolean,
): Promise<Look> {
  if (ids.length === 0) return { instances: { present: new Map(), asked: new Set() }, events: new Map() };
  const [seen, events] = await allOrFailure([
    observeInstances(instances, ids),
    withSystemEvents ? instances.openSystemEvents(ids) : NO_EVENTS,
  ]);
  return { instances: seen, events };
}

/** Nobody asked. */
export const NO_EVENTS: ReturnType<InstanceGateway['openSystemEvents']> = Promise.resolve(new Map());
