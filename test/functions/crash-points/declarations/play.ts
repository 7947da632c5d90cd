import { BINDING_TAG } from '../../../../shared/declarations/model.ts';
import type { Play } from '../play.ts';
import { declarationRemains } from './end.ts';
import { DeclarationProtocol } from './protocol.ts';
import {
  BINDING,
  type DeclarationStory,
  LOAD_BALANCER,
  NAME,
  OLD_GROUP,
  OUR_GROUP,
  TCP_SETTINGS,
  TWIN,
} from './story.ts';

/** A story about a declared group, beside one that serves and that somebody else has made. */
export function declarationPlay(story: DeclarationStory): Play {
  const { name, config, isThere, instances } = story;
  return {
    name,
    config,
    switches: { slbGroupProcessingMs: 0, slbAssociationLingersMs: 0 },
    async seed({ slb, ecs }, pass) {
      const [oldServer = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'old' }] });
      if (instances > 0) ecs.runInstances({ amount: instances, tags: [{ key: 'role', value: 'web' }] });
      await pass(5_000);
      const place = { loadBalancerId: LOAD_BALANCER };
      slb.seedLoadBalancer(place);
      slb.seedVServerGroup({
        ...place,
        vServerGroupId: OLD_GROUP,
        name: 'by-hand',
        backends: [{ serverId: oldServer, port: 80, weight: 100 }],
      });
      const http = { ...place, listenerPort: 80, listenerProtocol: 'http' } as const;
      slb.seedListener({ ...http, vServerGroupId: OLD_GROUP });
      slb.seedListener({
        ...place,
        listenerPort: 9000,
        listenerProtocol: 'tcp',
        vServerGroupId: OLD_GROUP,
        settings: TCP_SETTINGS,
      });
      slb.seedRule({ ...http, ruleId: 'rule-story', url: '/img', vServerGroupId: OLD_GROUP });
      if (!isThere) return;
      const ours = { ...place, name: NAME, tags: [{ key: BINDING_TAG, value: BINDING }] };
      slb.seedVServerGroup({ ...ours, vServerGroupId: OUR_GROUP });
      slb.seedVServerGroup({ ...ours, vServerGroupId: TWIN });
    },
    isSet: () => true,
    dress: () => {},
    disturb: () => {},
    begin: (clouds) => story.begin(clouds),
    watch: (clouds, memory) => new DeclarationProtocol(clouds, memory),
    remains: (clouds) => declarationRemains(clouds, story),
  };
}
