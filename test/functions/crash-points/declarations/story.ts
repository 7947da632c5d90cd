import { steadyCarrier } from '../../../../infra/local/memory/carrier.ts';
import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import { createMemoryWorker } from '../../../../infra/local/memory/worker.ts';
import { type Config, parseConfig } from '../../../../shared/config/load.ts';
import type { DeclarationOrder } from '../../../../shared/declarations/record.ts';

/** The load balancer and the binding that every story is about. */
export const LOAD_BALANCER = 'lb-story';
/** @see LOAD_BALANCER */
export const BINDING = 'story';
/** The name and the tags that the binding declares. */
export const NAME = 'web-prod';
/** @see NAME */
export const TAGS = { team: 'shop' };
/** A group that somebody else has made, and its only server. */
export const OLD_GROUP = 'rsp-old';
/** A group of ours that is there from the beginning, where a story has one. */
export const OUR_GROUP = 'rsp-ours';
/** What a create without an answer has left, where a story has it. */
export const TWIN = 'rsp-twin';
/** What of the TCP listener must not be lost. */
export const TCP_SETTINGS: Readonly<Record<string, string>> = {
  HealthCheckType: 'http',
  HealthCheckDomain: 'web.example',
  PersistenceTimeout: '300',
};

/** Something that is asked about a declared group, the same in every run. */
export interface DeclarationStory {
  readonly name: string;
  readonly config: Config;
  /** Our group is there, as a former run has left it: without its tag, with a twin, used by nobody. */
  readonly isThere: boolean;
  /** Instances that the binding selects. */
  readonly instances: number;
  begin(clouds: MemoryClouds): Promise<void>;
  /** `null` = the group is gone. */
  readonly atEnd: 'in force' | null;
}

/** No comparison mends what nothing else did. */
function configured(uses: object): Config {
  const binding = {
    name: BINDING,
    loadBalancer: LOAD_BALANCER,
    group: { name: NAME, tags: TAGS, ...uses },
    selector: { tags: { role: 'web' } },
    ports: [{ port: 8080 }],
  };
  const timing = {
    compare: '24h',
    lease: '10s',
    callTimeout: '3s',
    passBudget: '15s',
    gather: '0s',
    settle: '1s',
  };
  const file = { version: 1, region: 'cn-hangzhou', bindings: [binding], timing };
  return parseConfig(JSON.stringify(file), 'autopilot.yaml');
}

/** As a person's command does it, whose calls are none of the story's. */
async function order(clouds: MemoryClouds, config: Config, kind: DeclarationOrder['kind']): Promise<void> {
  const { clock } = clouds.foundation;
  const person = createMemoryWorker(clouds, { config, name: 'person', carrier: steadyCarrier(clock) });
  const orderedAtMs = clock.nowMs();
  await person.declarationOrders.put(LOAD_BALANCER, {
    orderId: 'order-1',
    kind,
    binding: BINDING,
    by: 'ops',
    orderedAtMs,
  });
  await person.lanes.signal([LOAD_BALANCER]);
  await person.wakeUps.send(LOAD_BALANCER, orderedAtMs);
}

const whole = configured({
  listeners: ['http:80', 'tcp:9000'],
  rules: [{ listener: 'http:80', domain: 'api.example.com', url: '/v1' }, { id: 'rule-story' }],
});
const unused = configured({});

/** Every story of a declared group. */
export const DECLARATIONS = {
  create: {
    name: 'a declared group is created, filled, and takes over two listeners and two rules',
    config: whole,
    isThere: false,
    instances: 2,
    begin: (clouds) => order(clouds, whole, 'apply'),
    atEnd: 'in force',
  },
  keep: {
    name: 'a declared group gets its tag, and loses a twin',
    config: unused,
    isThere: true,
    instances: 0,
    begin: (clouds) => order(clouds, unused, 'apply'),
    atEnd: 'in force',
  },
  delete: {
    name: 'a declared group that nobody uses is deleted',
    config: unused,
    isThere: true,
    instances: 0,
    begin: (clouds) => order(clouds, unused, 'delete'),
    atEnd: null,
  },
} as const satisfies Record<string, DeclarationStory>;
