import { createTableClient, type TableClient } from '../../shared/adapters/tablestore/client.ts';
import type { Stage } from './stage.ts';

/** The product's table client on the stage's Tablestore, beside those of its workers. */
export function openTables(
  stage: Stage,
  options: { timeoutMs?: number; nowMs?: () => number } = {},
): TableClient {
  const { endpoints, otsInstance, accessKey, timing } = stage.settings;
  return createTableClient({
    endpoint: endpoints.ots,
    instance: otsInstance,
    accessKey: () => accessKey,
    clock: { nowMs: options.nowMs ?? (() => Date.now()) },
    timeoutMs: options.timeoutMs ?? timing.callTimeoutMs,
  });
}

/** The calls to Tablestore since `from`, oldest first. */
export function tableCalls(stage: Stage, from = 0): ReadonlyArray<string> {
  return stage.clouds.foundation.gate.records
    .slice(from)
    .filter(({ product }) => product === 'ots')
    .map(({ action }) => action);
}
