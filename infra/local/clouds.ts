import { deliver } from './host/delivery.ts';
import { createFunctionHost, type FunctionHost, type FunctionHostOptions } from './host/function-host.ts';
import { createControlApp } from './http/control/app.ts';
import { createFcApp } from './http/fc/app.ts';
import { type Listening, listen } from './http/listen.ts';
import { createMnsApp } from './http/mns/app.ts';
import { createCmsApp } from './http/rpc/cms.ts';
import { createEciApp } from './http/rpc/eci.ts';
import { createEcsApp } from './http/rpc/ecs.ts';
import { createEssApp } from './http/rpc/ess.ts';
import { createSlbApp } from './http/rpc/slb.ts';
import { createTablestoreApp } from './http/tablestore/app.ts';
import { type Cms, createCms } from './world/cms/cms.ts';
import { createMetricAlarms, type MetricAlarms } from './world/cms/metric-alarms.ts';
import { type CmsSystemEvents, createCmsSystemEvents } from './world/cms/system-events.ts';
import { createEci, type Eci } from './world/eci/eci.ts';
import { createEcs, type Ecs } from './world/ecs/ecs.ts';
import type { EcsTimings } from './world/ecs/instance.ts';
import { createEss, type Ess } from './world/ess/ess.ts';
import type { EssTimings } from './world/ess/model.ts';
import { createEventBridge, type EventBridge } from './world/eventbridge/event-bridge.ts';
import type { StreamTimings } from './world/eventbridge/event-stream.ts';
import { createEventStreams, type EventStreams } from './world/eventbridge/event-streams.ts';
import { createFoundation, type Foundation, type FoundationOptions } from './world/foundation.ts';
import { createMns, type Mns } from './world/mns/mns.ts';
import { serverDirectory } from './world/slb/server-directory.ts';
import { createSlb, type Slb } from './world/slb/slb.ts';
import { fileStore, memoryStore } from './world/store.ts';
import { createTablestore, type Tablestore } from './world/tablestore/tablestore.ts';
import { createTimers, type Timers } from './world/timers/timers.ts';

/** The products whose API is served, and `control`: what the world does by itself, not by order of a caller. */
export type ProductName = 'slb' | 'ecs' | 'ess' | 'eci' | 'cms' | 'ots' | 'mns' | 'fc' | 'control';

/** One world and its HTTP skin on loopback ports. */
export interface LocalClouds {
  readonly foundation: Foundation;
  readonly ecs: Ecs;
  readonly eci: Eci;
  readonly ess: Ess;
  readonly slb: Slb;
  readonly cms: Cms;
  readonly cmsSystemEvents: CmsSystemEvents;
  readonly metricAlarms: MetricAlarms;
  readonly tablestore: Tablestore;
  readonly mns: Mns;
  readonly eventBridge: EventBridge;
  readonly eventStreams: EventStreams;
  readonly timers: Timers;
  readonly host: FunctionHost;
  /** `http://127.0.0.1:PORT` of each product. */
  readonly endpoints: Readonly<Record<ProductName, string>>;
  /** Stops serving, ends every process and timer. What a folder keeps can be opened again. */
  close(): Promise<void>;
}

/** Settings of the local clouds. Times and speeds here are theirs alone: the product knows nothing of them. */
export interface LocalCloudsOptions extends Omit<FoundationOptions, 'store'> {
  /** Keeps the state in this folder; `null` = in memory. */
  readonly dataFolder?: string | null;
  readonly ecsTimings?: Partial<EcsTimings>;
  readonly essTimings?: Partial<EssTimings>;
  readonly streamTimings?: Partial<StreamTimings>;
  readonly streamConcurrency?: number;
  /** Fires every timer this often, whatever its schedule says; `null` = as scheduled. */
  readonly timerEveryMs?: number | null;
  readonly host?: Omit<FunctionHostOptions, 'queues'>;
}

interface StoredAccount {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Starts the world and serves it. Resolves when every product listens. */
export async function startLocalClouds(options: LocalCloudsOptions = {}): Promise<LocalClouds> {
  const store = options.dataFolder ? fileStore(options.dataFolder) : memoryStore();
  const accounts = store.collection<StoredAccount>('account');
  // A kept world goes on with other random numbers, or new ids would repeat old ones; its key stays what it was.
  const seed = options.seed ?? (options.dataFolder ? Date.now() : 1);
  const foundation = createFoundation({ ...accounts.get('administrator'), ...options, store, seed });
  const { accessKeyId, accessKeySecret } = foundation.identities.administrator;
  accounts.set('administrator', { accessKeyId, accessKeySecret });

  const ecs = createEcs(foundation, options.ecsTimings);
  const eci = createEci(foundation);
  const slb = createSlb(foundation, { ecs: serverDirectory(ecs, eci) });
  const cms = createCms(foundation);
  const tablestore = createTablestore(foundation);
  const mns = createMns(foundation);
  const eventBridge = createEventBridge(foundation, { mns });
  ecs.onStateChange((change) => eventBridge.publish(eventBridge.cloudEventForInstance(change)));
  ecs.onNotice((notice) => eventBridge.publish(eventBridge.cloudEventForNotice(notice)));
  const cmsSystemEvents = createCmsSystemEvents(foundation, { ecs, mns });
  const metricAlarms = createMetricAlarms(foundation, { slb, mns });
  const ess = createEss(foundation, { ecs, slb, mns, eventBridge }, options.essTimings);
  const host = createFunctionHost(foundation, {
    ...options.host,
    queues: { sendToQueue: async (queue, body) => void mns.sendMessage(queue, { body: body.toString() }) },
  });
  const eventStreams = createEventStreams(foundation, {
    mns,
    invoke: (name, payload) => deliver(host, name, payload),
    ...(options.streamConcurrency === undefined ? {} : { concurrency: options.streamConcurrency }),
    ...(options.streamTimings === undefined ? {} : { timings: options.streamTimings }),
  });
  const timers = createTimers(foundation, {
    invokeAsync: async (name, payload) =>
      void (await host.invoke(name, payload, { invocationType: 'Async' })),
    ...(options.timerEveryMs ? { everyMs: options.timerEveryMs } : {}),
  });

  const listening: Record<ProductName, Listening> = {
    slb: await listen(createSlbApp(foundation, slb)),
    ecs: await listen(createEcsApp(foundation, ecs)),
    ess: await listen(createEssApp(foundation, ess)),
    eci: await listen(createEciApp(foundation, eci)),
    cms: await listen(createCmsApp(foundation, cms)),
    ots: await listen(createTablestoreApp(foundation, tablestore)),
    mns: await listen(createMnsApp(foundation, mns)),
    fc: await listen(createFcApp(foundation, host)),
    control: await listen(createControlApp(foundation, ecs)),
  };
  const endpoints = Object.fromEntries(
    Object.entries(listening).map(([name, { endpoint }]) => [name, endpoint]),
  ) as Record<ProductName, string>;
  return {
    foundation,
    ecs,
    eci,
    ess,
    slb,
    cms,
    cmsSystemEvents,
    metricAlarms,
    tablestore,
    mns,
    eventBridge,
    eventStreams,
    timers,
    host,
    endpoints,
    async close() {
      // Sources first: nothing may be handed to what is already closed.
      timers.close();
      metricAlarms.close();
      ess.close();
      ecs.close();
      eventBridge.close();
      await host.close();
      await eventStreams.close();
      mns.close();
      await Promise.all(Object.values(listening).map((server) => server.close()));
      store.close();
    },
  };
}
