import { createFunction } from '../../shared/adapters/entry.ts';
import { handleReconcileLoadBalancer } from './handler.ts';

const entry = createFunction('reconcile-load-balancer', handleReconcileLoadBalancer);

/** FC's initializer: reads the configuration and refuses a wrong one. */
export const initialize = entry.initialize;

/** FC's handler: one load balancer of a sweep. */
export const handler = entry.handler;
