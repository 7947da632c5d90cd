import { createLoadBalancerGateway } from '../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createLoadBalancerViewer } from '../../../shared/adapters/alibaba/load-balancer-viewer.ts';
import { systemClock } from '../../../shared/adapters/node/system.ts';
import { mapBounded } from '../../../shared/concurrency.ts';
import type { Config } from '../../../shared/config/load.ts';
import { describeError } from '../../../shared/errors.ts';
import type { LoadBalancerViewer } from '../../../shared/load-balancers/view.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports } from '../transports.ts';
import type { ToldLoadBalancer, UnreadLoadBalancer } from './model.ts';
import type { Claims } from './owners.ts';
import { tellLoadBalancer } from './tell.ts';

const AT_ONCE = 4;

/** Opens the way to look at load balancers with the caller's key; makes no call yet. */
export function openViewer(config: Config, connection: CloudsConnection): LoadBalancerViewer {
  const { slb } = openTransports(config, connection);
  return createLoadBalancerViewer(slb, createLoadBalancerGateway(slb, systemClock));
}

/** Looks at the load balancers; one that cannot be read does not hide the others. */
export async function lookAtGroups(
  viewer: LoadBalancerViewer,
  claims: Claims,
  loadBalancerIds: ReadonlyArray<string>,
): Promise<ReadonlyArray<ToldLoadBalancer | UnreadLoadBalancer>> {
  return await mapBounded(loadBalancerIds, AT_ONCE, async (loadBalancerId) => {
    try {
      return tellLoadBalancer(await viewer.view(loadBalancerId), claims);
    } catch (error) {
      return { loadBalancerId, error: describeError(error) };
    }
  });
}
