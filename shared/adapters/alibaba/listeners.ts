import * as z from 'zod';
import { TransientError } from '../../errors.ts';
import type { RpcClient } from './rpc-client.ts';

/** The vendor spells protocols in lower case; nothing hangs on it. */
export const ProtocolSchema = z
  .string()
  .transform((protocol) => protocol.toLowerCase())
  .pipe(z.enum(['tcp', 'udp', 'http', 'https']));

/** What all protocols' settings have in common, and what tells of sticky clients: seconds at TCP, a switch at HTTP. */
const ListenerConfigSchema = z.object({
  HealthCheck: z.string().nullish(),
  PersistenceTimeout: z.coerce.number().nullish(),
  StickySession: z.string().nullish(),
  /** Of TCP and UDP; a vServer group's stands outside. */
  MasterSlaveServerGroupId: z.string().nullish(),
});

const ListenerSchema = z.object({
  LoadBalancerId: z.string(),
  ListenerPort: z.coerce.number(),
  ListenerProtocol: ProtocolSchema,
  Status: z.string().nullish(),
  Scheduler: z.string().nullish(),
  VServerGroupId: z.string().nullish(),
  /** Of the default group's servers; only where the listener has no group of its own. */
  BackendServerPort: z.coerce.number().nullish(),
  TCPListenerConfig: ListenerConfigSchema.nullish(),
  UDPListenerConfig: ListenerConfigSchema.nullish(),
  HTTPListenerConfig: ListenerConfigSchema.nullish(),
  HTTPSListenerConfig: ListenerConfigSchema.nullish(),
});

/** A flat array, unlike in the other operations, that is left out when there is no listener. */
const ListenersSchema = z.object({
  RequestId: z.string(),
  Listeners: z.array(ListenerSchema).nullish(),
  NextToken: z.string().nullish(),
});

/** A listener as DescribeLoadBalancerListeners shows it. */
export type WireListener = z.infer<typeof ListenerSchema>;

const LISTENERS_PER_PAGE = 100;
/** The quota is 50 listeners for a load balancer; raised ones and an end to tokens that lead nowhere. */
const PAGES_MAX = 20;

/** Every listener of a load balancer, all pages or an error. Throws TransientError, RejectedError. */
export async function describeListeners(
  client: RpcClient,
  loadBalancerId: string,
): Promise<ReadonlyArray<WireListener>> {
  const listeners: Array<WireListener> = [];
  let nextToken: string | null = null;
  for (let page = 1; page <= PAGES_MAX; page++) {
    const answer: z.infer<typeof ListenersSchema> = await client.call(
      'DescribeLoadBalancerListeners',
      'read',
      {
        LoadBalancerId: [loadBalancerId],
        MaxResults: LISTENERS_PER_PAGE,
        ...(nextToken === null ? {} : { NextToken: nextToken }),
      },
      ListenersSchema,
    );
    for (const wire of answer.Listeners ?? []) {
      if (wire.LoadBalancerId === loadBalancerId) listeners.push(wire);
    }
    nextToken = answer.NextToken || null;
    if (nextToken === null) return listeners;
  }
  const origin = { api: 'DescribeLoadBalancerListeners', code: null, requestId: null };
  throw new TransientError(`the listeners have no end after ${PAGES_MAX} pages`, 'unavailable', origin);
}

/** The settings that only listeners of its protocol have. */
export function configOf(wire: WireListener): WireListener['TCPListenerConfig'] {
  return {
    tcp: wire.TCPListenerConfig,
    udp: wire.UDPListenerConfig,
    http: wire.HTTPListenerConfig,
    https: wire.HTTPSListenerConfig,
  }[wire.ListenerProtocol];
}
