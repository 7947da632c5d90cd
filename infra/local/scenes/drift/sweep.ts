import type { SweepReport } from '../../../../shared/sweep/model.ts';
import { deliver } from '../../host/delivery.ts';
import { rowsOf } from '../../simulator/play/tables.ts';
import { SceneStopped } from '../script.ts';
import type { Stage } from '../stage.ts';

const FUNCTION = 'slb-autopilot-drift-sweep';

/** Takes the timer of the sweep away: from now on only {@link sweepOnce} begins one. */
export function stopSweeping({ clouds: { timers } }: Stage): void {
  for (const { functionName, name } of timers.listTimers()) {
    if (functionName === FUNCTION) timers.deleteTimer(functionName, name);
  }
}

/**
 * Calls the function as its timer would at this moment, and waits for its end; what it has reported in the audit. Throws
 * SceneStopped when it failed, or did not report once.
 */
export async function sweepOnce(stage: Stage): Promise<SweepReport> {
  const { foundation, host } = stage.clouds;
  const before = reportsOf(stage).length;
  const triggerTime = `${new Date(foundation.clock.nowMs()).toISOString().slice(0, 19)}Z`;
  const event = { triggerTime, triggerName: 'sweep', payload: '' };
  const delivery = await deliver(host, FUNCTION, Buffer.from(JSON.stringify(event)));
  if (!delivery.ok) throw new SceneStopped(`the sweep failed: ${delivery.message}`);
  const [report, ...others] = reportsOf(stage).slice(before);
  if (report !== undefined && others.length === 0) return report;
  throw new SceneStopped(`the sweep has reported ${others.length + (report === undefined ? 0 : 1)} times`);
}

function reportsOf({ clouds }: Stage): ReadonlyArray<SweepReport> {
  return rowsOf(clouds, 'audit')
    .filter(
      ({ key, columns }) =>
        key[0] === `sweep:${clouds.foundation.region}` && columns.action === 'sweep-reported',
    )
    .map(({ columns }) => JSON.parse(String(columns.inputs)) as SweepReport);
}
