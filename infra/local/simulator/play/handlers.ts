import { handleChangeRequests } from '../../../../functions/change-requests/handler.ts';
import { handleDriftSweep } from '../../../../functions/drift-sweep/handler.ts';
import { handleInstanceEvents } from '../../../../functions/instance-events/handler.ts';
import { handleReconcileLoadBalancer } from '../../../../functions/reconcile-load-balancer/handler.ts';
import { handleScalingHooks } from '../../../../functions/scaling-hooks/handler.ts';
import { handleTick } from '../../../../functions/tick/handler.ts';
import type { Production } from '../../../../shared/adapters/production.ts';
import type { InboundEvent } from '../../../../shared/events/model.ts';

/** What functions do, by the folder that their code is built into. */
export type Handlers = Readonly<
  Record<string, (deps: Production, events: ReadonlyArray<InboundEvent>) => Promise<object>>
>;

/** What the deployed functions do. */
export const HANDLERS: Handlers = {
  'change-requests': handleChangeRequests,
  'drift-sweep': handleDriftSweep,
  'instance-events': handleInstanceEvents,
  'reconcile-load-balancer': handleReconcileLoadBalancer,
  'scaling-hooks': handleScalingHooks,
  tick: handleTick,
};
