import { createFunction } from '../../shared/adapters/entry.ts';
import { handleChangeRequests } from './handler.ts';

const entry = createFunction('change-requests', handleChangeRequests);

/** FC's initializer: reads the configuration and refuses a wrong one. */
export const initialize = entry.initialize;

/** FC's handler: a batch of messages from the queue of change requests. */
export const handler = entry.handler;
