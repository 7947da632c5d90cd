import { type Carrier, steadyCarrier, type Travel } from '../../../infra/local/memory/carrier.ts';
import { createMemoryClouds, type MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { MemoryInvocation } from '../../../infra/local/memory/functions.ts';
import { passTo } from '../../../infra/local/memory/passage.ts';
import { readMemoryDeployment } from '../../../infra/local/memory/read-deployment.ts';
import { createMemoryWorker } from '../../../infra/local/memory/worker.ts';
import { HANDLERS } from '../../../infra/local/simulator/play/handlers.ts';
import { VirtualClock } from '../../../infra/local/world/clock.ts';
import type { EcsTimings } from '../../../infra/local/world/ecs/instance.ts';
import type { EssTimings } from '../../../infra/local/world/ess/model.ts';
import type { Switches } from '../../../infra/local/world/switches.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import { type Config, parseConfig } from '../../../shared/config/load.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { NOW_MS } from '../../support/builders.ts';

/** The product on clouds whose time jumps: queues, streams, timers and functions as deployed, and no fault. */
export interface VirtualStage {
  readonly clock: VirtualClock;
  readonly clouds: MemoryClouds;
  readonly config: Config;
  /** The ports as somebody has them who is no function: calls take no time. */
  person(): Production;
  /** Lets the world live for so long. Rejects when an invocation failed. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What a stage is set with. */
export interface VirtualStageOptions {
  /** What an `autopilot.yaml` would hold. */
  readonly configuration: object;
  readonly switches?: Partial<Switches>;
  readonly ecsTimings?: Partial<EcsTimings>;
  readonly essTimings?: Partial<EssTimings>;
  /** Of each call to a cloud, there and back: one for all, or each product's. */
  readonly latencyMs: number | Latencies;
  readonly seed: number;
  /** Whether the groups of the bindings are there from the beginning, empty. @default true */
  readonly hasGroups?: boolean;
  /** Called when a function is handed its messages, before it does anything. */
  readonly onDelivery?: (codeName: string, events: ReadonlyArray<InboundEvent>) => void;
  /** Called with each call of a function, and each question to an instance, when it is answered. */
  readonly onCall?: (call: TravelledCall) => void;
}

/** A call on its way there and back. */
export interface TravelledCall {
  readonly product: Travel['product'];
  readonly action: string;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** How long a call takes, in ms, by the product that answers it. */
export type Latencies = Readonly<Record<Travel['product'], number>>;

/** Who counts calls listens to the gate; to keep them would cost more than the calls. */
const RECORDS_MAX = 100;

/** Sets the stage with the load balancers of the configuration's bindings, and their groups. */
export async function setVirtualStage(options: VirtualStageOptions): Promise<VirtualStage> {
  const { latencyMs, seed, switches = {}, ecsTimings = {}, essTimings = {}, onDelivery, onCall } = options;
  const clock = new VirtualClock(NOW_MS);
  const config = parseConfig(JSON.stringify(options.configuration), 'autopilot.yaml');
  const failures: Array<unknown> = [];
  const idle = new Map<string, Array<Production>>();
  let started = 0;

  const run = async ({ codeName, payload }: MemoryInvocation): Promise<unknown> => {
    const handler = HANDLERS[codeName];
    if (handler === undefined) throw new Error(`which handler has ${codeName}?`);
    const workers = idle.get(codeName) ?? [];
    idle.set(codeName, workers);
    // As Function Compute does it: one request at a time for each instance, and a new one when none is free.
    const worker =
      workers.pop() ??
      createMemoryWorker(clouds, {
        config,
        name: `${codeName}-${++started}`,
        carrier: watched(carrierOf(clock, latencyMs), clock, onCall),
      });
    try {
      const events = parseBatch(payload);
      onDelivery?.(codeName, events);
      return await handler(worker, events);
    } catch (error) {
      failures.push(error);
      throw error;
    } finally {
      workers.push(worker);
    }
  };

  const deployment = await readMemoryDeployment();
  const clouds: MemoryClouds = createMemoryClouds({
    clock,
    deployment,
    seed,
    switches,
    ecsTimings,
    essTimings,
    run,
    recordsMax: RECORDS_MAX,
  });
  for (const { loadBalancerId, vServerGroupId, name, declaredBy } of config.bindings) {
    clouds.slb.seedLoadBalancer({ loadBalancerId });
    if ((options.hasGroups ?? true) && declaredBy === null)
      clouds.slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name });
  }
  return {
    clock,
    clouds,
    config,
    person: () => createMemoryWorker(clouds, { config, name: 'person', carrier: steadyCarrier(clock) }),
    async pass(ms) {
      await passTo(clock, clock.nowMs() + ms);
      if (failures.length > 0) throw failures[0];
    },
    close: () => clouds.close(),
  };
}

function carrierOf(clock: VirtualClock, latencyMs: number | Latencies): Carrier {
  if (typeof latencyMs === 'number') return steadyCarrier(clock, latencyMs);
  const carriers = new Map(
    Object.entries(latencyMs).map(([product, ms]) => [product, steadyCarrier(clock, ms)]),
  );
  const steady = steadyCarrier(clock);
  return {
    carry: (travel, land) => (carriers.get(travel.product) ?? steady).carry(travel, land),
    pause: steady.pause,
  };
}

function watched(carrier: Carrier, clock: VirtualClock, onCall: VirtualStageOptions['onCall']): Carrier {
  if (onCall === undefined) return carrier;
  return {
    async carry(travel, land) {
      const { product, action } = travel;
      const sentAtMs = clock.nowMs();
      try {
        return await carrier.carry(travel, land);
      } finally {
        onCall({ product, action, sentAtMs, answeredAtMs: clock.nowMs() });
      }
    },
    pause: carrier.pause,
  };
}
