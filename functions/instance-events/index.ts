import { createFunction } from '../../shared/adapters/entry.ts';
import { handleInstanceEvents } from './handler.ts';

const entry = createFunction('instance-events', handleInstanceEvents);

/** FC's initializer: reads the configuration and refuses a wrong one. */
export const initialize = entry.initialize;

/** FC's handler: a batch of messages from the queue of ECS events. */
export const handler = entry.handler;
