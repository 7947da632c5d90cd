import { createFunction } from '../../shared/adapters/entry.ts';
import { handleTick } from './handler.ts';

const entry = createFunction('tick', handleTick);

/** FC's initializer: reads the configuration and refuses a wrong one. */
export const initialize = entry.initialize;

/** FC's handler: the minute timer, and the queue of wake-ups. */
export const handler = entry.handler;
