import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type LocalClouds, startLocalClouds } from '../../../../infra/local/clouds.ts';
import { connectionOf } from '../../../../infra/operator/local-connection.ts';
import { GROUP, LB } from '../../../support/builders.ts';
import { until } from '../../../support/stage.ts';
import { type Ended, temporaryFolder } from '../autopilot.ts';
import { variablesOf } from '../doctor/doctor-stage.ts';
import { runHere } from '../run-here.ts';
import { OPERATOR_POLICY } from '../table-stage.ts';

export const SHOP = 'rsp-bp1shop000001';
export const CART = 'rsp-bp1cart000001';
export const OLD_CART = 'rsp-bp1cart000002';
export const PAIR_GROUP = 'rsp-bp1pair000001';
export const OTHER_LB = 'lb-bp1other00001';

/** Local clouds over HTTP with a load balancer that has some of everything, and the command. */
export interface GroupsStage {
  readonly clouds: LocalClouds;
  /** Our server, a stranger's, and the members of the pair. */
  readonly ids: readonly [ours: string, stranger: string, primary: string, secondary: string];
  /** Runs `groups` with `--config` and `--local`. */
  run(...args: ReadonlyArray<string>): Promise<Ended>;
  /** The same on a terminal of 100 columns. */
  runOnTerminal(...args: ReadonlyArray<string>): Promise<Ended>;
  /** The same with a key that may do no more than the policy for operators allows. */
  runAsOperator(...args: ReadonlyArray<string>): Promise<Ended>;
}

const CONFIGURATION = {
  version: 1,
  region: 'cn-hangzhou',
  bindings: [
    {
      name: 'web',
      loadBalancer: LB,
      vServerGroup: GROUP,
      selector: { tags: { role: 'web' } },
      ports: [{ port: 8080 }],
    },
  ],
  pairs: [{ name: 'orders-db', loadBalancer: LB, listeners: ['tcp:3306'] }],
};

/** Sets the stage, until the test is over. */
export async function setGroupsStage(): Promise<GroupsStage> {
  const clouds = await startLocalClouds({
    ecsTimings: { pendingMs: 1, startingMs: 1, stoppingMs: 1, releasingMs: 1 },
  });
  onTestFinished(() => clouds.close());
  const started = clouds.ecs.runInstances({ amount: 4, tags: [{ key: 'role', value: 'web' }] });
  await until(() => clouds.ecs.instances().every(({ status }) => status === 'Running'));
  const [ours = '', stranger = '', primary = '', secondary = ''] = started;
  fill(clouds, [ours, stranger, primary, secondary]);
  const folder = temporaryFolder();
  const note = join(folder, 'note.json');
  writeFileSync(note, JSON.stringify(connectionOf(clouds)));
  const config = join(folder, 'autopilot.yaml');
  writeFileSync(config, JSON.stringify(CONFIGURATION));
  const local = ['--config', config, '--local', '--note', note];
  return {
    clouds,
    ids: [ours, stranger, primary, secondary],
    run: (...args) => runHere(['groups', ...args, ...local]),
    runOnTerminal: (...args) => runHere(['groups', ...args, ...local], { columns: 100, isInteractive: true }),
    async runAsOperator(...args) {
      const { identities } = clouds.foundation;
      identities.putRole('operator', [OPERATOR_POLICY]);
      const key = identities.assumeRole('operator', 'test', 60_000);
      for (const [name, value] of Object.entries(variablesOf(clouds, key))) vi.stubEnv(name, value);
      try {
        return await runHere(['groups', ...args, '--config', config]);
      } finally {
        vi.unstubAllEnvs();
      }
    },
  };
}

function fill(
  { slb }: LocalClouds,
  [ours, stranger, primary, secondary]: readonly [string, string, string, string],
): void {
  slb.seedLoadBalancer({
    loadBalancerId: LB,
    name: 'orders',
    defaultServers: [{ serverId: stranger, weight: 100 }],
  });
  slb.seedLoadBalancer({ loadBalancerId: OTHER_LB, name: 'other' });
  slb.seedVServerGroup({
    vServerGroupId: GROUP,
    loadBalancerId: LB,
    name: 'web',
    tags: [{ key: 'team', value: 'orders' }],
    backends: [
      { serverId: ours, port: 8080, weight: 100, description: 'slb-autopilot/web' },
      { serverId: stranger, port: 8080, weight: 0 },
      { serverId: stranger, port: 9090, weight: 10, description: 'slb-autopilot/gone' },
    ],
  });
  for (const [vServerGroupId, name] of [
    [SHOP, 'shop'],
    [CART, 'cart'],
    [OLD_CART, 'cart'],
  ] as const) {
    slb.seedVServerGroup({ vServerGroupId, loadBalancerId: LB, name });
  }
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: PAIR_GROUP,
    loadBalancerId: LB,
    name: 'orders',
    backends: [
      { serverId: secondary, port: 3306, serverType: 'Slave' },
      { serverId: primary, port: 3306, serverType: 'Master' },
    ],
  });
  const http = { loadBalancerId: LB, listenerProtocol: 'http', listenerPort: 80 } as const;
  slb.seedListener({ ...http, vServerGroupId: GROUP });
  slb.seedListener({ ...http, listenerPort: 81, backendServerPort: 8081 });
  slb.seedListener({
    loadBalancerId: LB,
    listenerProtocol: 'tcp',
    listenerPort: 3306,
    masterSlaveServerGroupId: PAIR_GROUP,
  });
  for (const [domain, url, vServerGroupId] of [
    ['', '/cart', CART],
    ['*.example.com', '', SHOP],
    ['*.shop.example.com', '', SHOP],
    ['www.example.com', '/cart', CART],
    ['www.example.com', '/cart/checkout', SHOP],
  ] as const) {
    slb.seedRule({ ...http, ruleName: 'r', domain, url, vServerGroupId });
  }
}
