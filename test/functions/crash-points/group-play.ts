import { remainsOf } from './end.ts';
import type { Play } from './play.ts';
import { GroupProtocol } from './protocol.ts';
import {
  GROUP,
  instancesOf,
  LOAD_BALANCER,
  PORT,
  SCALING_GROUP,
  type Story,
  seedScalingGroup,
  startInstances,
} from './story.ts';

/** A story about backends of a vServer group, in which a stranger's backend stands already. */
export function groupPlay(story: Story): Play {
  const { name, config, inService, isScaled = false } = story;
  return {
    name,
    config,
    switches: {},
    async seed(clouds, pass) {
      const { slb, ecs } = clouds;
      const [serverId = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'other' }] });
      await pass(5_000);
      slb.seedLoadBalancer({ loadBalancerId: LOAD_BALANCER });
      slb.seedVServerGroup({
        vServerGroupId: GROUP,
        loadBalancerId: LOAD_BALANCER,
        name: 'story',
        backends: [{ serverId, port: PORT, weight: 50, description: 'by-hand' }],
      });
      slb.seedListener({
        loadBalancerId: LOAD_BALANCER,
        listenerPort: 80,
        listenerProtocol: 'http',
        vServerGroupId: GROUP,
        settings: { HealthCheck: 'on' },
      });
      if (inService > 0) startInstances(clouds, inService);
    },
    isSet: () => true,
    dress(clouds) {
      if (!isScaled) return;
      const instanceIds = instancesOf(clouds);
      seedScalingGroup(clouds);
      clouds.ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds });
    },
    disturb: () => {},
    begin: (clouds) => story.begin(clouds),
    watch: (clouds, memory) => new GroupProtocol(clouds, memory),
    remains: (clouds) => remainsOf(clouds, story),
  };
}
