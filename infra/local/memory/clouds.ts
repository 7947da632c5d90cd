import { createMetricAlarms, type MetricAlarms } from '../world/cms/metric-alarms.ts';
import { type CmsSystemEvents, createCmsSystemEvents } from '../world/cms/system-events.ts';
import { createEci, type Eci } from '../world/eci/eci.ts';
import { createEcs, type Ecs } from '../world/ecs/ecs.ts';
import type { EcsTimings } from '../world/ecs/instance.ts';
import { createEss, type Ess } from '../world/ess/ess.ts';
import type { EssTimings } from '../world/ess/model.ts';
import { createEventBridge, type EventBridge } from '../world/eventbridge/event-bridge.ts';
import type { StreamTimings } from '../world/eventbridge/event-stream.ts';
import { createEventStreams, type EventStreams } from '../world/eventbridge/event-streams.ts';
import { createFoundation, type Foundation, type FoundationOptions } from '../world/foundation.ts';
import { createMns, type Mns } from '../world/mns/mns.ts';
import { serverDirectory } from '../world/slb/server-directory.ts';
import { createSlb, type Slb } from '../world/slb/slb.ts';
import { createTablestore, type Tablestore } from '../world/tablestore/tablestore.ts';
import { createTimers, type Timers } from '../world/timers/timers.ts';
import { deployInMemory, type MemoryDeployment } from './deployment.ts';
import { createMemoryFunctions, type RunFunction } from './functions.ts';
import { type MemoryWorld, rpcProducts } from './transports.ts';

/** One world without HTTP, processes or files: everything in it happens on its clock. */
export interface MemoryClouds extends MemoryWorld {
  readonly foundation: Foundation;
  readonly ecs: Ecs;
  readonly eci: Eci;
  readonly ess: Ess;
  readonly slb: Slb;
  readonly cmsSystemEvents: CmsSystemEvents;
  readonly metricAlarms: MetricAlarms;
  readonly tablestore: Tablestore;
  readonly mns: Mns;
  readonly eventBridge: EventBridge;
  readonly eventStreams: EventStreams;
  readonly timers: Timers;
  /** The role under which the product's functions call; its policy is the one that is shipped. */
  readonly roleName: string;
  /** Stops all timers, streams and deliveries. */
  close(): Promise<void>;
}

/** Settings of {@link createMemoryClouds}. */
export interface MemoryCloudsOptions
  extends Pick<FoundationOptions, 'seed' | 'switches' | 'store' | 'recordsMax'> {
  readonly clock: NonNullable<FoundationOptions['clock']>;
  /** Queues, tables, rules and role, from the files that deploy the product. */
  readonly deployment: MemoryDeployment;
  /** What the deployed functions run; left out = no functions and no triggers: calls come from whoever makes them. */
  readonly run?: RunFunction;
  readonly ecsTimings?: Partial<EcsTimings>;
  readonly essTimings?: Partial<EssTimings>;
  readonly streamTimings?: Partial<StreamTimings>;
  readonly streamConcurrency?: number;
}

/** Creates the world and deploys the product into it. Nothing happens before the clock moves. */
export function createMemoryClouds(options: MemoryCloudsOptions): MemoryClouds {
  const { deployment, run, ecsTimings, essTimings, streamTimings, streamConcurrency, ...base } = options;
  const foundation = createFoundation({ ...base, ...deployment.place });
  const ecs = createEcs(foundation, ecsTimings);
  const eci = createEci(foundation);
  const slb = createSlb(foundation, { ecs: serverDirectory(ecs, eci) });
  const tablestore = createTablestore(foundation);
  const mns = createMns(foundation);
  const eventBridge = createEventBridge(foundation, { mns });
  ecs.onStateChange((change) => eventBridge.publish(eventBridge.cloudEventForInstance(change)));
  ecs.onNotice((notice) => eventBridge.publish(eventBridge.cloudEventForNotice(notice)));
  const cmsSystemEvents = createCmsSystemEvents(foundation, { ecs, mns });
  const metricAlarms = createMetricAlarms(foundation, { slb, mns });
  const ess = createEss(foundation, { ecs, slb, mns, eventBridge }, essTimings);
  const functions = createMemoryFunctions(foundation, run ?? (async () => {}));
  const eventStreams = createEventStreams(foundation, {
    mns,
    invoke: (name, payload, { attempt }) => functions.invoke(name, payload, attempt),
    ...(streamConcurrency === undefined ? {} : { concurrency: streamConcurrency }),
    ...(streamTimings === undefined ? {} : { timings: streamTimings }),
  });
  const timers = createTimers(foundation, { invokeAsync: functions.invokeAsync });
  deployInMemory(
    { foundation, tablestore, mns, eventBridge, eventStreams, timers, host: functions },
    deployment,
    run !== undefined,
  );
  const world = {
    foundation,
    ecs,
    eci,
    ess,
    slb,
    tablestore,
    mns,
    functions,
    connections: new Map<string, number>(),
  };
  return {
    ...world,
    cmsSystemEvents,
    metricAlarms,
    products: rpcProducts(world),
    eventBridge,
    eventStreams,
    timers,
    roleName: deployment.roleName,
    async close() {
      timers.close();
      metricAlarms.close();
      ess.close();
      ecs.close();
      eventBridge.close();
      await eventStreams.close();
      mns.close();
    },
  };
}
