import { handleReconcileLoadBalancer } from '../../../functions/reconcile-load-balancer/handler.ts';
import { type Carrier, steadyCarrier } from '../../../infra/local/memory/carrier.ts';
import { counted } from '../virtual/counted.ts';
import { GROUPS_PER_LOAD_BALANCER, setFleet } from './fleet.ts';

/** What reconciling a load balancer took, in bytes above the heap of before: the clouds' answers are among it. */
export interface HeapGrowth {
  /** The most that was seen at any call, with everything that was thrown away and not collected yet. */
  readonly peakBytes: number;
  /** What is left when it is over: what a worker remembers. */
  readonly keptBytes: number;
}

/** Bytes in use; the garbage of before is gone. */
function collected(): number {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const stage = await setFleet(GROUPS_PER_LOAD_BALANCER);
const [{ loadBalancerId = '' } = {}] = stage.config.bindings;
const steady = steadyCarrier(stage.clock);
let peak = 0;
const look = () => {
  peak = Math.max(peak, process.memoryUsage().heapUsed);
};
const watching: Carrier = {
  async carry(travel, land) {
    look();
    try {
      return await steady.carry(travel, land);
    } finally {
      look();
    }
  },
  pause: (ms) => steady.pause(ms),
};
const reconcile = () =>
  counted(
    stage,
    async (worker) => {
      const triggeredAtMs = stage.clock.nowMs();
      await handleReconcileLoadBalancer(worker, [{ kind: 'reconcile', loadBalancerId, triggeredAtMs }]);
    },
    watching,
  );
// Once by another worker, so that code and its caches are not counted.
await reconcile();
const before = collected();
peak = before;
await reconcile();
const growth: HeapGrowth = { peakBytes: peak - before, keptBytes: collected() - before };
await stage.close();
process.send?.(growth, () => process.exit(0));
