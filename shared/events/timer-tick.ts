import * as z from 'zod';

/**
 * What FC's timer trigger hands over. `payload` is whatever the trigger was configured with, always a text; we look
 * at nothing in it.
 *
 * ```json
 * { "triggerTime": "2026-04-09T05:05:00Z", "triggerName": "every-minute", "payload": "" }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc-3-0/user-guide/time-triggers
 */
export const TimerTickSchema = z.object({ triggerTime: z.string(), triggerName: z.string() });

export type TimerTick = z.infer<typeof TimerTickSchema>;
