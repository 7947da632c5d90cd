import { createFunction } from '../../shared/adapters/entry.ts';
import { handleDriftSweep } from './handler.ts';

const entry = createFunction('drift-sweep', handleDriftSweep);

/** FC's initializer: reads the configuration and refuses a wrong one. */
export const initialize = entry.initialize;

/** FC's handler: the timer of the sweep. */
export const handler = entry.handler;
