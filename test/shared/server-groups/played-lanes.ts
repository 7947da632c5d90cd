import type { OrderCause } from '../../../shared/acceptance/model.ts';
import type { EcsInstance } from '../../../shared/instances/model.ts';
import type { ProbeResult } from '../../../shared/readiness/model.ts';
import { aBackend, aBinding, anInstance, aRow } from '../../support/builders.ts';
import { ids } from './plan-views.ts';
import { PlayedLane } from './played-lane.ts';

type Policies = Parameters<typeof aBinding>;

/** A lane with these in service and healthy, and nothing else. */
function serving(servers: ReadonlyArray<string>, overrides: Policies): PlayedLane {
  return new PlayedLane(aBinding(...overrides))
    .withInstances(...servers.map((id) => anInstance(id)))
    .withBackends(...servers.map((id) => aBackend(id)))
    .withRows(...servers.map((id) => aRow(id)))
    .withHealth('normal', ...servers);
}

/** So many in service: `i-web0001`, `i-web0002` and so on. */
export function aGroupOf(count: number, ...overrides: Policies): PlayedLane {
  return serving(ids(count), overrides);
}

/** `i-0` and `i-1` in service. */
export function aPair(...overrides: Policies): PlayedLane {
  return serving(['i-0', 'i-1'], overrides);
}

/** `i-0`, `i-1` and `i-2` in service: enough for one to be drained whatever the guards say. */
export function aDrain(...overrides: Policies): PlayedLane {
  return serving(['i-0', 'i-1', 'i-2'], overrides);
}

/** `i-0` in service, so that nobody is in a hurry, and `i-1`, which has just begun to run. */
export function aJoin(...overrides: Policies): PlayedLane {
  return serving(['i-0'], overrides).withInstances(anInstance('i-1')).becomes('i-1', 'Running');
}

/** A pair with `i-1` taken out by the order and removed, if the order removes. */
export function anExile(cause: OrderCause): PlayedLane {
  const lane = aPair().withHealth('abnormal', 'i-1');
  lane.order('i-1', cause).look();
  lane.advance(40_000);
  return lane;
}

/** A Running instance that no binding selects any more. */
export function retired(id: string): EcsInstance {
  return anInstance(id, { tags: { role: 'retired' } });
}

/** What a server says to our probe that does not serve yet. */
export function refuses(): ProbeResult {
  return { isReady: false, reason: 'connection refused' };
}

/** What one says that serves. */
export function answers(): ProbeResult {
  return { isReady: true, reason: null };
}
