import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { onTestFinished } from 'vitest';
import { handleTick } from '../../../../functions/tick/handler.ts';
import { type LocalClouds, startLocalClouds } from '../../../../infra/local/clouds.ts';
import { deployInMemory } from '../../../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import type { Switches } from '../../../../infra/local/world/switches.ts';
import { connectionOf } from '../../../../infra/operator/local-connection.ts';
import { main } from '../../../../infra/operator/program.ts';
import type { Production } from '../../../../shared/adapters/production.ts';
import { parseConfig } from '../../../../shared/config/load.ts';
import type { PairRow } from '../../../../shared/pairs/record.ts';
import { LB } from '../../../support/builders.ts';
import { QUICK_TIMING, readTable, until } from '../../../support/stage.ts';
import { createWorker } from '../../../support/worker.ts';
import { type Ended, temporaryFolder } from '../autopilot.ts';

export const PAIR = 'orders-db';
export const GROUP = 'rsp-bp1orders0pair';
/** The members of a pair without a group. */
export const MEMBER_IDS = ['i-bp1orders0primary', 'i-bp1orders0second'] as const;

/** Real local clouds over HTTP with a pair in them, the command line, and a function that works when a test lets it. */
export interface CommandStage {
  readonly clouds: LocalClouds;
  readonly note: string;
  readonly config: string;
  readonly primaryId: string;
  readonly secondaryId: string;
  readonly standbyIds: ReadonlyArray<string>;
  /** Runs a command with `--config` and `--local`. */
  run(...args: ReadonlyArray<string>): Promise<Ended>;
  /** The same on a terminal of so many columns, without colours. */
  runOnTerminal(columns: number, ...args: ReadonlyArray<string>): Promise<Ended>;
  /** Works off what there is, once. */
  tick(): Promise<void>;
  /** The function is there while the command runs: it ticks all the time. */
  runWithFunction(...args: ReadonlyArray<string>): Promise<Ended>;
  row(): PairRow | null;
  /** `tcp:3306 i-a > i-b` of each listener. */
  pairs(): ReadonlyArray<string>;
  /** Calls since this was called last that are not reads: `ots BatchWriteRow`. */
  writes(): ReadonlyArray<string>;
}

/** What a test says about its stage. */
export interface CommandStageOptions {
  readonly pair?: object;
  readonly listeners?: ReadonlyArray<string>;
  /** Nobody has made a group: the listeners send to the default group, which is empty. The members are {@link MEMBER_IDS}. */
  readonly hasNoGroup?: boolean;
  readonly standbys?: number;
  readonly switches?: Partial<Switches>;
}

const READS = /^(?:Describe|Get|BatchGet)/;

/** Sets the stage, until the test is over. Members and standbys answer probes of the function. */
export async function setCommandStage(options: CommandStageOptions = {}): Promise<CommandStage> {
  const { pair = {}, listeners = ['tcp:3306'], standbys = 1, switches = {}, hasNoGroup = false } = options;
  const clouds = await startLocalClouds({
    ecsTimings: { pendingMs: 1, startingMs: 1, stoppingMs: 1, releasingMs: 1 },
    switches: { slbAssociationLingersMs: 0, slbListenerProcessingMs: 0, ...switches },
  });
  onTestFinished(() => clouds.close());
  const { ecs, slb, foundation } = clouds;
  const { region, identities, gate } = foundation;
  deployInMemory(clouds, await readMemoryDeployment({ region, accountId: identities.accountId }), false);
  slb.seedLoadBalancer({ loadBalancerId: LB });
  const start = (amount: number, role: string, ids: object = {}) =>
    amount === 0 ? [] : ecs.runInstances({ amount, tags: [{ key: 'role', value: role }], ...ids });
  const ids = hasNoGroup ? { instanceIds: MEMBER_IDS } : {};
  const [primaryId = '', secondaryId = ''] = start(2, 'db', ids);
  const standbyIds = start(standbys, 'standby');
  await until(() => ecs.instances().every(({ status }) => status === 'Running'));
  if (!hasNoGroup)
    slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId: GROUP,
      loadBalancerId: LB,
      name: 'orders',
      backends: [
        { serverId: primaryId, port: 3306, serverType: 'Master' },
        { serverId: secondaryId, port: 3306, serverType: 'Slave' },
      ],
    });
  for (const listener of listeners) {
    const [protocol, port] = listener.split(':');
    slb.seedListener({
      loadBalancerId: LB,
      listenerProtocol: protocol === 'udp' ? 'udp' : 'tcp',
      listenerPort: Number(port),
      ...(hasNoGroup ? { backendServerPort: 3306 } : { masterSlaveServerGroupId: GROUP }),
      settings: {
        HealthCheckInterval: '1',
        HealthCheckConnectTimeout: '1',
        HealthyThreshold: '2',
        UnhealthyThreshold: '2',
      },
    });
  }

  const folder = temporaryFolder();
  const note = join(folder, 'note.json');
  writeFileSync(note, JSON.stringify(connectionOf(clouds)));
  const config = join(folder, 'autopilot.yaml');
  const text = JSON.stringify({
    version: 1,
    region,
    pairs: [{ name: PAIR, loadBalancer: LB, listeners, standby: { tags: { role: 'standby' } }, ...pair }],
  });
  writeFileSync(config, text);

  const { accessKeyId, accessKeySecret, securityToken } = identities.administrator;
  const worker: Production = {
    ...createWorker({
      accountId: identities.accountId,
      regionId: region,
      accessKey: { accessKeyId, accessKeySecret, securityToken },
      otsInstance: clouds.tablestore.instanceName,
      endpoints: clouds.endpoints,
      bindings: [],
      pairs: parseConfig(text, 'autopilot.yaml').pairs,
      timing: QUICK_TIMING,
    }),
    prober: { probe: async () => ({ isReady: true, reason: null }) },
  };
  const tick = async () => void (await handleTick(worker, [{ kind: 'tick' }]));
  const runOn = async (
    columns: number,
    isInteractive: boolean,
    args: ReadonlyArray<string>,
  ): Promise<Ended> => {
    const texts = { out: '', err: '' };
    const screen = (name: keyof typeof texts) => ({
      write: (written: string) => {
        texts[name] += written;
      },
      isInteractive,
      size: () => ({ columns, rows: 40 }),
      colors: pc.createColors(false),
    });
    const place = ['--config', config, '--local', '--note', note];
    const status = await main([...args, ...place], { out: screen('out'), err: screen('err') });
    return { status, ...texts };
  };
  const run = (...args: ReadonlyArray<string>) => runOn(80, false, args);
  let seen = 0;
  return {
    clouds,
    note,
    config,
    primaryId,
    secondaryId,
    standbyIds,
    run,
    runOnTerminal: (columns, ...args) => runOn(columns, true, args),
    tick,
    async runWithFunction(...args) {
      const command = { isOver: false };
      const ended = run(...args).finally(() => {
        command.isOver = true;
      });
      while (!command.isOver) {
        await tick();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return await ended;
    },
    row() {
      const found = readTable(clouds, 'promotions').find(({ entry }) => entry === 'pair');
      return found === undefined ? null : (JSON.parse(String(found.row)) as PairRow);
    },
    pairs: () =>
      slb.listenersOf(LB).map(({ listenerProtocol, listenerPort, masterSlaveServerGroupId }) => {
        const group = slb.masterSlaveGroup(masterSlaveServerGroupId ?? '');
        const of = (role: string) =>
          group?.backends.find(({ serverType }) => serverType === role)?.serverId ?? '';
        return `${listenerProtocol}:${listenerPort} ${of('Master')} > ${of('Slave')}`;
      }),
    writes() {
      const records = gate.records.slice(seen);
      seen = gate.records.length;
      return records
        .filter(({ action }) => !READS.test(action))
        .map(({ product, action }) => `${product} ${action}`);
    },
  };
}
