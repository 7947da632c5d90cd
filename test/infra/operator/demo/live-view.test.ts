import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { LocalClouds } from '../../../../infra/local/clouds.ts';
import type { Stage } from '../../../../infra/local/scenes/stage.ts';
import { createEci } from '../../../../infra/local/world/eci/eci.ts';
import { createEcs } from '../../../../infra/local/world/ecs/ecs.ts';
import { createEss } from '../../../../infra/local/world/ess/ess.ts';
import { createEventBridge } from '../../../../infra/local/world/eventbridge/event-bridge.ts';
import { createFoundation } from '../../../../infra/local/world/foundation.ts';
import { createMns } from '../../../../infra/local/world/mns/mns.ts';
import { createSlb } from '../../../../infra/local/world/slb/slb.ts';
import { startLiveView } from '../../../../infra/operator/demo/live-view.ts';
import { pairLines } from '../../../../infra/operator/demo/pair-view.ts';
import type { Pair } from '../../../../shared/config/pair.ts';
import { aBinding, GROUP, LB } from '../../../support/builders.ts';
import { aPair } from '../pairs/builders.ts';

/** A stage without functions: `web` has one load balancer and one empty group. */
function aStage(pairs: ReadonlyArray<Pair> = []) {
  const foundation = createFoundation();
  const ecs = createEcs(foundation, { pendingMs: 0, startingMs: 0 });
  const slb = createSlb(foundation, { ecs });
  const mns = createMns(foundation);
  const ess = createEss(foundation, { ecs, slb, mns, eventBridge: createEventBridge(foundation, { mns }) });
  slb.seedLoadBalancer({ loadBalancerId: LB });
  slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
  const eci = createEci(foundation);
  const clouds = { foundation, ecs, eci, ess, slb, host: { onLog: () => {} } } as unknown as LocalClouds;
  const stage = { config: { bindings: [aBinding()], pairs }, clouds } as unknown as Stage;
  return { stage, ecs, ess, slb };
}

function aScreen(isInteractive: boolean) {
  const written: Array<string> = [];
  const screen = {
    write: (text: string) => void written.push(text),
    isInteractive,
    size: () => ({ columns: 100, rows: 40 }),
    colors: pc.createColors(false),
  };
  return { screen, written };
}

describe('startLiveView', () => {
  it('erases exactly the table that it drew before, on an interactive screen', async () => {
    const { stage, ecs } = aStage();
    const { screen, written } = aScreen(true);
    const view = startLiveView(stage, screen);
    const rows = (written[0] ?? '').split('\n').length - 1;

    ecs.runInstances({ amount: 3, tags: [{ key: 'role', value: 'web' }] });
    await expect.poll(() => written.join('')).toContain('3 instances Running');
    view.close();

    expect(written[1]?.startsWith(`\x1b[${rows}A\x1b[0J`)).toBe(true);
    expect(written.at(-1)).toMatch(/web +i-\w+ +8080 +– +joining/);
  });

  it('moves no cursor elsewhere, and prints the table at the end when it has changed', async () => {
    const { stage, ecs, slb } = aStage();
    const { screen, written } = aScreen(false);
    const view = startLiveView(stage, screen);
    const [serverId = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'web' }] });
    await expect.poll(() => ecs.find(serverId)?.status).toBe('Running');
    slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080 }] });

    view.close();
    const atTheEnd = written.join('');
    await delay(300);

    expect(atTheEnd).not.toContain('\x1b');
    expect(atTheEnd).toContain('SLB       web: 1 backend added in one call, weight 100 on :8080');
    expect(atTheEnd).toMatch(new RegExp(`web +${serverId} +8080 +100 +in service`));
    expect(written.join('')).toBe(atTheEnd);
  });

  it('shows scaling groups below the groups, with what a hook waits for', async () => {
    const { stage, ess } = aStage();
    const { screen, written } = aScreen(false);
    const scalingGroupId = ess.createScalingGroup({ scalingGroupName: 'search', minSize: 0, maxSize: 5 });
    ess.createLifecycleHook({
      scalingGroupId,
      lifecycleHookName: 'until-it-serves',
      lifecycleTransition: 'SCALE_OUT',
    });
    const view = startLiveView(stage, screen);
    ess.scaleWithAdjustment({ scalingGroupId, adjustmentType: 'TotalCapacity', adjustmentValue: 2 });
    await expect.poll(() => ess.lifecycleActions()).toHaveLength(1);

    view.close();

    expect(written.join('')).toContain('ESS       search: hook until-it-serves holds back 2 new instances');
    expect(written.join('')).toMatch(/search +0 +2 +0 +out by 2, hook until-it-serves waits/);
  });

  it('tells a draining backend from one that is still to be taken out', async () => {
    const { stage, ecs, slb } = aStage();
    const { screen, written } = aScreen(false);
    const view = startLiveView(stage, screen);
    const [first = '', second = ''] = ecs.runInstances({ amount: 2, tags: [{ key: 'role', value: 'web' }] });
    await expect.poll(() => ecs.instances().every(({ status }) => status === 'Running')).toBe(true);
    const backendServers = [first, second].map((serverId) => ({ serverId, port: 8080 }));
    slb.vServerGroups.add({ vServerGroupId: GROUP, backendServers });
    ecs.stopInstance({ instanceId: first });
    ecs.stopInstance({ instanceId: second });
    await expect
      .poll(
        () => {
          try {
            slb.vServerGroups.set({
              vServerGroupId: GROUP,
              backendServers: [{ serverId: second, port: 8080, weight: 0 }],
            });
            return true;
          } catch {
            return false;
          }
        },
        { timeout: 3_000 },
      )
      .toBe(true);

    view.close();

    expect(written.join('')).toMatch(new RegExp(`${first} +8080 +100 +leaving`));
    expect(written.join('')).toMatch(new RegExp(`${second} +8080 +0 +draining`));
  });
});

describe('the pairs below the tables', () => {
  it('are a line each, with who serves, and more lines while their listeners differ', async () => {
    const { stage, ecs, slb } = aStage([aPair()]);
    const [first = '', second = ''] = ecs.runInstances({ amount: 2 });
    await expect.poll(() => ecs.find(second)?.status).toBe('Running');
    const group = (masterSlaveServerGroupId: string, primary: string, secondary: string) =>
      slb.seedMasterSlaveServerGroup({
        masterSlaveServerGroupId,
        loadBalancerId: LB,
        name: 'orders',
        backends: [
          { serverId: primary, port: 3306, serverType: 'Master' },
          { serverId: secondary, port: 3306, serverType: 'Slave' },
        ],
      });
    group('rsp-1', first, second);
    group('rsp-2', second, first);
    for (const listenerPort of [3306, 3307]) {
      slb.seedListener({
        loadBalancerId: LB,
        listenerProtocol: 'tcp',
        listenerPort,
        masterSlaveServerGroupId: 'rsp-1',
      });
    }

    expect(pairLines(stage, 120)).toEqual([
      `orders-db  tcp:3306, tcp:3307  ${first} > ${second} (${first} serves)`,
    ]);

    slb.listeners.set({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: 3307,
      masterSlaveServerGroupId: 'rsp-2',
    });

    expect(pairLines(stage, 120)).toEqual([
      `orders-db  tcp:3306  ${first} > ${second} (${first} serves)`,
      `orders-db  tcp:3307  ${second} > ${first} (${second} serves)`,
    ]);
    expect(pairLines(stage, 80)[0]).toBe(`orders-db  tcp:3306  ${first} (serves) > ${second}`);
    const { screen, written } = aScreen(false);
    startLiveView(stage, screen).close();
    expect(written.join('')).toContain(`orders-db  tcp:3306  ${first} > ${second} (${first} serves)\n`);
  });
});
