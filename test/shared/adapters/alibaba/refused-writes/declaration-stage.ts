import type { DeclarationOrder, DeclarationRow } from '../../../../../shared/declarations/record.ts';
import { setVirtualStage, type VirtualStage } from '../../../../bench/virtual/stage.ts';
import { LB } from '../../../../support/builders.ts';
import { readTable } from '../../../../support/stage.ts';
import { passUntilSo, type WriteStage, watchRefusal } from './stage.ts';

const MINUTE_MS = 60_000;
const NAME = 'web-prod';
const OLD = 'rsp-bp1old00000001';
const RULE = { domain: 'api.example.com', url: '/v1' };
const listener = (listenerProtocol: 'http' | 'https', listenerPort: number) =>
  ({ loadBalancerId: LB, listenerProtocol, listenerPort }) as const;
const HTTP = listener('http', 80);
const HTTPS = listener('https', 443);

/** Whether the declaration names listeners and rules; a group that is used cannot be deleted. */
const USES = {
  listeners: ['http:80', 'https:443'],
  rules: [{ listener: 'http:80', ...RULE }],
};

/** How each operation is brought about: what somebody undoes, and what is ordered then. */
type Undo = (stage: VirtualStage, groupId: string) => void | Promise<void>;
const UNDONE: Readonly<Record<string, Undo>> = {
  CreateVServerGroup: ({ clouds }, groupId) => clouds.slb.vServerGroups.delete(groupId),
  TagResources: ({ clouds }, groupId) =>
    clouds.slb.tags.untag({ resourceType: 'vservergroup', resourceIds: [groupId], tagKeys: ['team'] }),
  UntagResources: async (stage, groupId) => {
    // A tag that was declared once, and is no more.
    const tags = [{ key: 'once', value: '' }];
    stage.clouds.slb.tags.tag({ resourceType: 'vservergroup', resourceIds: [groupId], tags });
    const { declarations } = stage.person();
    const [row] = (await declarations.read(LB)).rows;
    if (row === undefined) throw new Error('nothing is recorded of the group');
    const tagKeys = [...new Set([...row.tagKeys, 'once'])];
    const later = { ...row, tagKeys, revision: row.revision + 1 };
    await declarations.commit({ row: later, expectedRevision: row.revision, audit: [] });
  },
  SetLoadBalancerHTTPListenerAttribute: ({ clouds }) =>
    clouds.slb.listeners.set({ ...HTTP, vServerGroupId: OLD }),
  SetLoadBalancerHTTPSListenerAttribute: ({ clouds }) =>
    clouds.slb.listeners.set({ ...HTTPS, vServerGroupId: OLD }),
  SetRule: ({ clouds }) => {
    for (const { ruleId } of clouds.slb.rules.of(HTTP)) clouds.slb.rules.set({ ruleId, vServerGroupId: OLD });
  },
  CreateRules: ({ clouds }) =>
    clouds.slb.rules.delete({ ruleIds: clouds.slb.rules.of(HTTP).map(({ ruleId }) => ruleId) }),
  DeleteVServerGroup: () => {},
};

/** A declared group without servers of its own, behind listeners that serve nobody: what somebody undoes, an order does again. */
export async function setDeclaredGroup(operation: string): Promise<WriteStage> {
  const isUsed = !['CreateVServerGroup', 'DeleteVServerGroup'].includes(operation);
  const stage = await setVirtualStage({
    configuration: {
      version: 1,
      region: 'cn-hangzhou',
      timing: { compare: '24h', contest: '1m' },
      bindings: [
        {
          name: 'web',
          loadBalancer: LB,
          group: { name: NAME, tags: { team: 'shop' }, ...(isUsed ? USES : {}) },
          selector: { tags: { role: 'web' } },
          ports: [{ port: 8080 }],
        },
      ],
    },
    switches: { slbAssociationLingersMs: 0 },
    latencyMs: 20,
    seed: 7,
  });
  const { clouds, clock, pass } = stage;
  const { slb } = clouds;
  slb.seedVServerGroup({ vServerGroupId: OLD, loadBalancerId: LB, name: 'old' });
  slb.seedListener({ ...HTTP, vServerGroupId: OLD });
  slb.seedListener({ ...HTTPS, vServerGroupId: OLD });
  // A rule takes requests from its listener, so it waits for servers that serve.
  clouds.ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'web' }] });
  const groupId = () =>
    slb.groups().find(({ vServerGroupName }) => vServerGroupName === NAME)?.vServerGroupId;
  const row = () => {
    const [found] = readTable(clouds, 'declarations').filter(({ row: text }) => text !== undefined);
    return found === undefined ? null : (JSON.parse(String(found.row)) as DeclarationRow);
  };
  const waits = () => readTable(clouds, 'declarations').some(({ order }) => order !== undefined);
  let orders = 0;
  const order = async (kind: DeclarationOrder['kind']) => {
    const person = stage.person();
    const orderedAtMs = clock.nowMs();
    const orderId = `order-${++orders}`;
    await person.declarationOrders.put(LB, { orderId, kind, binding: 'web', by: 'ops', orderedAtMs });
    await person.lanes.signal([LB]);
    await person.wakeUps.send(LB, orderedAtMs);
  };
  const applied = async () => {
    await order('apply');
    await passUntilSo(stage, () => !waits(), 10 * MINUTE_MS, 1_000);
  };
  await applied();
  return {
    async refuse(code) {
      await UNDONE[operation]?.(stage, groupId() ?? '');
      const watch = watchRefusal(stage, operation, code);
      await order(operation === 'DeleteVServerGroup' ? 'delete' : 'apply');
      await passUntilSo(stage, () => watch.count() > 0, 2 * MINUTE_MS, 200);
      await pass(400);
      const held = row()?.held?.reason ?? null;
      await passUntilSo(stage, () => watch.count() > 1 && !waits(), 90 * MINUTE_MS, 2_000);
      const isDone = !waits() && row()?.held === null;
      const aftermath = {
        pauseSeconds: watch.pauseSeconds(),
        requestId: watch.requestId(),
        audit: watch.audit(),
        held,
        isDone,
      };
      // What was pointed at it a moment ago is not contested by the next one.
      await pass(2 * MINUTE_MS);
      if (operation === 'DeleteVServerGroup') await applied();
      return aftermath;
    },
    close: stage.close,
  };
}
