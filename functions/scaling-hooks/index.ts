import { createFunction } from '../../shared/adapters/entry.ts';
import { handleScalingHooks } from './handler.ts';

const entry = createFunction('scaling-hooks', handleScalingHooks);

/** FC's initializer: reads the configuration and refuses a wrong one. */
export const initialize = entry.initialize;

/** FC's handler: a batch of messages from the queue of lifecycle hooks. */
export const handler = entry.handler;
