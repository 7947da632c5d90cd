import { backendLivesIn } from '../backend-lives.ts';
import { functionCalls, namedServers, slbWrites } from '../function-calls.ts';
import { SceneStopped, type Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { drainedOtherwise, drainFigures, unknownCalls } from './checks.ts';
import type { ReceivedResult } from './desk.ts';

/** A drain for a time that has ended, with its result. */
export interface EndedDrain {
  readonly stage: Stage;
  readonly script: Script;
  readonly done: ReceivedResult | null;
  readonly group: string;
  readonly port: number;
  readonly leaving: ReadonlyArray<string>;
  readonly forMs: number;
}

/** Checks what the clouds saw of it: the way out, the time, the way back, and the bystanders. */
export function checkDrain({ stage, script, done, group, port, leaving, forMs }: EndedDrain): void {
  const { foundation } = stage.clouds;
  const binding = stage.config.bindings.find(({ vServerGroupId }) => vServerGroupId === group);
  const begunAtMs = Date.parse(done?.begunAt ?? '');
  if (binding === undefined || Number.isNaN(begunAtMs)) throw new SceneStopped('the drain did not begin');
  const all = backendLivesIn(foundation.timeline.entries).filter(
    ({ vServerGroupId }) => vServerGroupId === group,
  );
  const isLeaving = ({ serverId }: { readonly serverId: string }) => leaving.includes(serverId);
  const { weight = 0 } = binding.ports[0] ?? {};
  const terms = {
    begunAtMs,
    forMs,
    drainMs: binding.drain.timeMs,
    // Whoever runs counts as ready here.
    ramp: [...binding.join.rampPercents.map((percent) => (percent * weight) / 100), weight],
  };
  script.check(
    'the drained were at weight 0 for the drain time, out until their time was up, and came back up the ramp',
    leaving.flatMap((id) =>
      drainedOtherwise(
        `${id}:${port}`,
        all.filter(({ serverId }) => serverId === id),
        terms,
      ),
    ),
    { backends: leaving.length, ...drainFigures(all.filter(isLeaving), begunAtMs + forMs) },
  );
  script.check(
    'nobody else in the group was touched',
    all
      .filter((life) => !isLeaving(life))
      .filter(
        ({ weights, removedAtMs }) => removedAtMs !== null || weights.some(({ atMs }) => atMs > begunAtMs),
      )
      .map(({ serverId }) => `${serverId} was`),
  );
  const writes = slbWrites(foundation).filter(
    (call) => call.startedAtMs >= begunAtMs && namedServers(call).some((id) => leaving.includes(id)),
  );
  script.check(
    'all of them shared each call',
    writes
      .filter((call) => new Set(namedServers(call)).size !== leaving.length)
      .map((call) => `${call.action} named ${namedServers(call).length}`),
    { drainWrites: writes.length },
  );
  const made = new Set(functionCalls(foundation).map(({ requestId }) => requestId));
  const told = unknownCalls(done ?? {}, made);
  script.check('its result names the calls that brought it into force', told.problems, told.figures);
}
