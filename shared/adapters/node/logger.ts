import { pino } from 'pino';
import type { Logger } from '../../logger.ts';

/**
 * One JSON object per line on standard output, written at once: FC freezes the instance after the answer, and what is
 * buffered then may never be seen.
 */
export function createLogger(functionName: string): Logger {
  return pino(
    { base: { function: functionName }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    pino.destination({ sync: true }),
  );
}
