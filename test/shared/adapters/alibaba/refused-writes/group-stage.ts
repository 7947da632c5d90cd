import { setVirtualStage } from '../../../../bench/virtual/stage.ts';
import { GROUP, LB } from '../../../../support/builders.ts';
import { readTable } from '../../../../support/stage.ts';
import { passUntilSo, type WriteStage, watchRefusal } from './stage.ts';

const MINUTE_MS = 60_000;

/** One instance that comes and goes: its Add, its Set to weight 0 and its Remove, over and over. */
export async function setGroupStage(operation: string): Promise<WriteStage> {
  const stage = await setVirtualStage({
    configuration: {
      version: 1,
      region: 'cn-hangzhou',
      bindings: [
        {
          name: 'web',
          loadBalancer: LB,
          vServerGroup: GROUP,
          selector: { tags: { role: 'web' } },
          ports: [{ port: 8080 }],
          readiness: 'running',
          drain: { time: '0s' },
        },
      ],
    },
    latencyMs: 20,
    seed: 7,
  });
  const { clouds, pass } = stage;
  const members = () => clouds.slb.group(GROUP)?.backends.length ?? 0;
  const [instanceId = ''] = clouds.ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'web' }] });
  const isIn = () => members() === 1;
  const isOut = () => members() === 0;
  const come = () => clouds.ecs.startInstance({ instanceId });
  const go = () => clouds.ecs.stopInstance({ instanceId, forceStop: true });
  await passUntilSo(stage, isIn, 2 * MINUTE_MS, 5_000);
  const isOfJoining = operation === 'AddVServerGroupBackendServers';
  return {
    async refuse(code) {
      if (isOfJoining) {
        go();
        await passUntilSo(stage, isOut, 2 * MINUTE_MS, 5_000);
        await pass(10_000);
      }
      const watch = watchRefusal(stage, operation, code);
      if (isOfJoining) come();
      else go();
      await passUntilSo(stage, () => watch.count() > 0, 2 * MINUTE_MS, 500);
      await pass(500);
      const held = heldReason(clouds);
      const isDone = isOfJoining ? isIn : isOut;
      await passUntilSo(stage, () => watch.count() > 1 && isDone(), 90 * MINUTE_MS, 5_000);
      const aftermath = {
        pauseSeconds: watch.pauseSeconds(),
        requestId: watch.requestId(),
        audit: watch.audit(),
        held,
        isDone: isDone(),
      };
      if (!isOfJoining) {
        await pass(10_000);
        come();
        await passUntilSo(stage, isIn, 2 * MINUTE_MS, 5_000);
      }
      await pass(10_000);
      return aftermath;
    },
    close: stage.close,
  };
}

function heldReason(clouds: Parameters<typeof readTable>[0]): string | null {
  const rows = readTable(clouds, 'backends').map(({ row }) => JSON.parse(String(row)));
  return rows.map(({ held }) => held?.reason ?? null).find((reason) => reason !== null) ?? null;
}
