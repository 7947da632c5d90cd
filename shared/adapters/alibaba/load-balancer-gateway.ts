import * as z from 'zod';
import { allOrFailure } from '../../concurrency.ts';
import { RejectedError } from '../../errors.ts';
import { typeOfServer } from '../../instances/backend-type.ts';
import type { BackendHealth, Listener, ObservedLoadBalancer, Scheduler } from '../../load-balancers/model.ts';
import type { LoadBalancerGateway } from '../../load-balancers/ports.ts';
import { configOf, describeListeners, ProtocolSchema, type WireListener } from './listeners.ts';
import type { RpcClient } from './rpc-client.ts';

const LoadBalancerSchema = z.object({
  RequestId: z.string(),
  LoadBalancerId: z.string(),
  LoadBalancerStatus: z.string(),
  VpcId: z.string().nullish(),
  LoadBalancerSpec: z.string().nullish(),
  BackendServers: z.object({ BackendServer: z.array(z.unknown()) }).nullish(),
});

const GroupsSchema = z.object({
  RequestId: z.string(),
  VServerGroups: z.object({
    VServerGroup: z.array(
      z.object({
        VServerGroupId: z.string(),
        ServerCount: z.coerce.number(),
        AssociatedObjects: z.object({ Rules: z.object({ Rule: z.array(z.unknown()) }).nullish() }).nullish(),
      }),
    ),
  }),
});

const HealthSchema = z.object({
  RequestId: z.string(),
  BackendServers: z.object({
    BackendServer: z.array(
      z.object({
        ListenerPort: z.coerce.number(),
        Protocol: ProtocolSchema,
        ServerId: z.string(),
        ServerIp: z.string().nullish(),
        Port: z.coerce.number(),
        ServerHealthStatus: z.string(),
      }),
    ),
  }),
});

/**
 * Listeners and the state of a load balancer change when people change them. What is this young is not asked again, so
 * that a burst of passes costs one reading; how much of the quota is taken is always read.
 */
const REMEMBERED_MS = 30_000;
/** Load balancers remembered; one more forgets the oldest. */
const REMEMBERED_MAX = 1_000;

/** The `LoadBalancerSpec` of shared performance. All others (`slb.s1.small`, …, `slb.lcu.elastic`) are guaranteed. */
const SHARED_SPEC = 'slb.s0.share';

/** A load balancer whose listeners have no check, or that has no listener, says so instead of listing nothing. */
const NOTHING_CHECKED: ReadonlySet<string | null> = new Set(['CheckedListenerNotFound', 'ListenerNotFound']);

const SCHEDULERS: ReadonlySet<string> = new Set<Scheduler>(['wrr', 'wlc', 'rr', 'sch', 'tch', 'qch']);

/**
 * Load balancers over the CLB API.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-describeloadbalancerlisteners
 */
export function createLoadBalancerGateway(
  client: RpcClient,
  clock: { nowMs(): number },
): LoadBalancerGateway {
  const remembered = new Map<string, Settings>();
  const settingsOf = async (loadBalancerId: string): Promise<Settings> => {
    const readAtMs = clock.nowMs();
    const known = remembered.get(loadBalancerId);
    if (known !== undefined && Math.abs(readAtMs - known.readAtMs) < REMEMBERED_MS) return known;
    const settings = { ...(await describeSettings(client, loadBalancerId)), readAtMs };
    remembered.delete(loadBalancerId);
    remembered.set(loadBalancerId, settings);
    if (remembered.size > REMEMBERED_MAX) remembered.delete(remembered.keys().next().value ?? '');
    return settings;
  };
  return {
    async describe(loadBalancerId) {
      // The reads are not of one instant; each of them is checked for being whole.
      const [settings, groups] = await allOrFailure([
        settingsOf(loadBalancerId),
        client.call(
          'DescribeVServerGroups',
          'read',
          { LoadBalancerId: loadBalancerId, IncludeRule: true },
          GroupsSchema,
        ),
      ]);
      const { status, spec, listeners, vpcId, inDefaultGroup } = settings;
      const vServerGroups = groups.VServerGroups.VServerGroup;
      return {
        loadBalancerId,
        status,
        spec,
        listeners,
        vpcId,
        inDefaultGroup,
        groupsOfRules: new Set(
          vServerGroups
            .filter(({ AssociatedObjects }) => (AssociatedObjects?.Rules?.Rule.length ?? 0) > 0)
            .map(({ VServerGroupId }) => VServerGroupId),
        ),
        backendCount: vServerGroups.reduce((sum, { ServerCount }) => sum + ServerCount, inDefaultGroup),
      };
    },
    async health(loadBalancerId) {
      try {
        const parameters = { LoadBalancerId: loadBalancerId };
        const answer = await client.call('DescribeHealthStatus', 'read', parameters, HealthSchema);
        return answer.BackendServers.BackendServer.map(
          (wire): BackendHealth => ({
            listenerPort: wire.ListenerPort,
            protocol: wire.Protocol,
            serverId: wire.ServerId,
            ...(typeOfServer(wire.ServerId) === 'ecs' || !wire.ServerIp ? {} : { serverIp: wire.ServerIp }),
            port: wire.Port,
            status: readHealth(wire.ServerHealthStatus),
          }),
        );
      } catch (error) {
        if (error instanceof RejectedError && NOTHING_CHECKED.has(error.origin.code)) return [];
        throw error;
      }
    },
  };
}

/** What of a load balancer is remembered for a while. */
interface Settings
  extends Pick<ObservedLoadBalancer, 'status' | 'spec' | 'listeners' | 'vpcId' | 'inDefaultGroup'> {
  /** When the reads began. */
  readonly readAtMs: number;
}

async function describeSettings(
  client: RpcClient,
  loadBalancerId: string,
): Promise<Omit<Settings, 'readAtMs'>> {
  const parameters = { LoadBalancerId: loadBalancerId };
  const [loadBalancer, listeners] = await allOrFailure([
    client.call('DescribeLoadBalancerAttribute', 'read', parameters, LoadBalancerSchema),
    describeListeners(client, loadBalancerId),
  ]);
  return {
    status: readStatus(loadBalancer.LoadBalancerStatus),
    spec: readPerformance(loadBalancer.LoadBalancerSpec ?? ''),
    listeners: listeners.map(readListener),
    vpcId: loadBalancer.VpcId || null,
    inDefaultGroup: loadBalancer.BackendServers?.BackendServer.length ?? 0,
  };
}

function readListener(wire: WireListener): Listener {
  const protocol = wire.ListenerProtocol;
  const config = configOf(wire);
  return {
    port: wire.ListenerPort,
    protocol,
    scheduler: readScheduler(wire.Scheduler ?? ''),
    vServerGroupId: wire.VServerGroupId || null,
    hasPersistence: config?.StickySession === 'on' || (config?.PersistenceTimeout ?? 0) > 0,
    // A stopped listener checks nothing.
    isHealthChecked: config?.HealthCheck === 'on' && wire.Status !== 'stopped',
  };
}

/** A scheduler that we do not know is taken for one that ignores weights, of which the least may be expected. */
function readScheduler(scheduler: string): Scheduler {
  return SCHEDULERS.has(scheduler) ? (scheduler as Scheduler) : 'rr';
}

/** A status that we do not know is not in service, but it is for the cloud to refuse changes. */
function readStatus(status: string): ObservedLoadBalancer['status'] {
  return status === 'active' || status === 'locked' ? status : 'inactive';
}

function readPerformance(spec: string): ObservedLoadBalancer['spec'] {
  if (spec === '') return 'unsaid';
  return spec === SHARED_SPEC ? 'shared' : 'guaranteed';
}

/** A finding that we do not know proves nothing, neither good nor bad. */
function readHealth(status: string): BackendHealth['status'] {
  return status === 'normal' || status === 'abnormal' ? status : 'unavailable';
}
