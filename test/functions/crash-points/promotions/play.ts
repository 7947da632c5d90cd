import type { Switches } from '../../../../infra/local/world/switches.ts';
import type { Play } from '../play.ts';
import { pairRow, promotionRemains } from './end.ts';
import { PromotionProtocol } from './protocol.ts';
import {
  FIRST_GROUP,
  LOAD_BALANCER,
  MEMBER_IDS,
  PORT,
  type PromotionStory,
  REFUSAL,
  settingsOf,
} from './story.ts';

/** A story about a pair behind its listeners, with a standby where it has a pool. */
export function promotionPlay(story: PromotionStory, switches: Partial<Switches> = {}): Play {
  const { name, config, listeners, hasStandby, refusing, kind } = story;
  const isNew = kind === 'creation';
  return {
    name,
    config,
    switches,
    async seed({ slb, ecs }, pass) {
      const start = (role: string, id?: string) => {
        const tags = [{ key: 'role', value: role }];
        const ids = id === undefined ? {} : { instanceIds: [id] };
        const [instanceId = ''] = ecs.runInstances({ amount: 1, tags, ...ids });
        return instanceId;
      };
      const [primaryId, secondaryId] = isNew
        ? MEMBER_IDS.map((id) => start('db', id))
        : [start('db'), start('db')];
      if (hasStandby) start('standby');
      await pass(5_000);
      slb.seedLoadBalancer({ loadBalancerId: LOAD_BALANCER });
      if (!isNew)
        slb.seedMasterSlaveServerGroup({
          masterSlaveServerGroupId: FIRST_GROUP,
          loadBalancerId: LOAD_BALANCER,
          name: 'by-hand',
          backends: [
            { serverId: primaryId, port: PORT, serverType: 'Master' },
            { serverId: secondaryId, port: PORT, serverType: 'Slave' },
          ],
          tags: [{ key: 'team', value: 'orders' }],
        });
      for (const listener of listeners) {
        const [protocol, port] = listener.split(':');
        slb.seedListener({
          loadBalancerId: LOAD_BALANCER,
          listenerProtocol: protocol === 'udp' ? 'udp' : 'tcp',
          listenerPort: Number(port),
          ...(isNew ? { backendServerPort: PORT } : { masterSlaveServerGroupId: FIRST_GROUP }),
          settings: settingsOf(listener),
        });
      }
    },
    isSet: (clouds) => pairRow(clouds) !== null,
    dress: () => {},
    disturb({ foundation }) {
      if (refusing === null) return;
      foundation.faults.inject({
        name: 'refusing',
        match: { product: 'slb', action: refusing, callers: 'role-sessions' },
        skip: 0,
        times: null,
        effect: { kind: 'error', ...REFUSAL },
      });
    },
    begin: (clouds) => story.begin(clouds),
    watch: (clouds, memory) => new PromotionProtocol(clouds, memory, isNew),
    remains: (clouds, memory) => promotionRemains(clouds, story, memory),
  };
}
