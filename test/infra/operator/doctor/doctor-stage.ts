import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type LocalClouds, startLocalClouds } from '../../../../infra/local/clouds.ts';
import { deployInMemory } from '../../../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import type { ScalingGroupSeed } from '../../../../infra/local/world/ess/groups.ts';
import type { CreateLifecycleHookInput } from '../../../../infra/local/world/ess/hooks.ts';
import type { Call, Finding } from '../../../../infra/operator/doctor/model.ts';
import { connectionOf } from '../../../../infra/operator/local-connection.ts';
import { HOOK_QUEUE } from '../../../../shared/scaling/model.ts';
import { GROUP, LB, SCALING_GROUP } from '../../../support/builders.ts';
import { until } from '../../../support/stage.ts';
import { rpcClient } from '../../local/http/rpc/rpc-client.ts';
import { type Ended, temporaryFolder } from '../autopilot.ts';
import { runHere } from '../run-here.ts';

/** What a test says about the clouds; all else is as it should be. */
export interface DoctorStageOptions {
  readonly group?: Partial<ScalingGroupSeed>;
  /** `null` = there is none. */
  readonly hookIn?: Partial<CreateLifecycleHookInput> | null;
  readonly hookOut?: Partial<CreateLifecycleHookInput> | null;
  /** What stands in the file besides region and binding. */
  readonly file?: object;
  readonly binding?: object;
  readonly withoutTables?: boolean;
}

/** What `doctor --json` printed, with its exit status. */
export interface Told {
  readonly status: number | null;
  readonly ok: boolean;
  readonly findings: ReadonlyArray<Finding>;
  readonly notes: ReadonlyArray<string>;
}

/** Real local clouds over HTTP with a deployment and a scaling group in them, and doctor. */
export interface DoctorStage {
  /** Where the clouds are noted, and what doctor is to look at. */
  readonly note: string;
  readonly config: string;
  readonly clouds: LocalClouds;
  /** `autopilot doctor --config … ` with the arguments; by default it finds the clouds with `--local`. */
  run(args?: ReadonlyArray<string>, env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** The same with `--json`. */
  ask(args?: ReadonlyArray<string>, env?: Readonly<Record<string, string>>): Promise<Told>;
  /** The findings that are not `ok`. */
  troubles(): Promise<ReadonlyArray<Finding>>;
  /** Sends a call that doctor told, with the vendor's own client. */
  send(call: Call | null | undefined): Promise<void>;
}

/** Sets the stage, until the test is over. */
export async function aDoctorStage(options: DoctorStageOptions = {}): Promise<DoctorStage> {
  const clouds = await startLocalClouds({
    ecsTimings: { pendingMs: 1, startingMs: 1, stoppingMs: 1, releasingMs: 1 },
  });
  onTestFinished(() => clouds.close());
  const { region, identities } = clouds.foundation;
  const place = { region, accountId: identities.accountId };
  const deployment = await readMemoryDeployment(place);
  const resources = deployment.resources.filter(
    ({ Type }) => !options.withoutTables || Type !== 'ALIYUN::OTS::Table',
  );
  deployInMemory(clouds, { ...deployment, resources }, false);
  clouds.slb.seedLoadBalancer({ loadBalancerId: LB });
  clouds.slb.seedVServerGroup({ vServerGroupId: GROUP, loadBalancerId: LB, name: 'web' });
  clouds.slb.seedListener({
    loadBalancerId: LB,
    listenerPort: 80,
    listenerProtocol: 'tcp',
    vServerGroupId: GROUP,
  });
  await seedScalingGroup(clouds, options);

  const folder = temporaryFolder();
  const note = join(folder, 'note.json');
  writeFileSync(note, JSON.stringify(connectionOf(clouds)));
  const config = join(folder, 'autopilot.yaml');
  writeFileSync(config, JSON.stringify(configurationOf(region, options)));

  const run = async (args: ReadonlyArray<string> = ['--local'], env = {}) => {
    for (const [name, value] of Object.entries<string>(env)) vi.stubEnv(name, value);
    try {
      return await runHere(['doctor', '--config', config, '--note', note, ...args]);
    } finally {
      vi.unstubAllEnvs();
    }
  };
  const ask = async (args: ReadonlyArray<string> = ['--local'], env = {}) => {
    const { status, out } = await run([...args, '--json'], env);
    return { status, ...JSON.parse(out) };
  };
  const ess = rpcClient(
    { port: Number(new URL(clouds.endpoints.ess).port) },
    '2022-02-22',
    identities.administrator,
  );
  return {
    clouds,
    note,
    config,
    run,
    ask,
    troubles: async () => {
      const { findings }: Told = await ask();
      return findings.filter(({ severity }) => severity !== 'ok');
    },
    async send(call) {
      if (call == null) throw new Error('there is no call to send');
      const { code, message } = await ess(call.api, call.parameters);
      if (code !== null) throw new Error(`${call.api}: ${code}: ${message}`);
    },
  };
}

async function seedScalingGroup(clouds: LocalClouds, options: DoctorStageOptions): Promise<void> {
  const { ess, ecs } = clouds;
  const { region, identities } = clouds.foundation;
  ess.seedScalingGroup({ scalingGroupId: SCALING_GROUP, minSize: 0, maxSize: 10, ...options.group });
  const hook = {
    scalingGroupId: SCALING_GROUP,
    heartbeatTimeoutSeconds: 600,
    notificationArn: `acs:mns:${region}:${identities.accountId}:queue/${HOOK_QUEUE}`,
  };
  if (options.hookIn !== null) {
    ess.createLifecycleHook({
      ...hook,
      lifecycleHookName: 'join',
      lifecycleTransition: 'SCALE_OUT',
      defaultResult: 'ABANDON',
      ...options.hookIn,
    });
  }
  if (options.hookOut !== null) {
    ess.createLifecycleHook({
      ...hook,
      lifecycleHookName: 'drain',
      lifecycleTransition: 'SCALE_IN',
      defaultResult: 'ROLLBACK',
      ...options.hookOut,
    });
  }
  const instanceIds = ecs.runInstances({ amount: 2, tags: [{ key: 'role', value: 'web' }] });
  await until(() => instanceIds.every((id) => ecs.find(id)?.status === 'Running'));
  ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds });
}

function configurationOf(region: string, { file, binding }: DoctorStageOptions): object {
  return {
    version: 1,
    region,
    bindings: [
      {
        name: 'web',
        loadBalancer: LB,
        vServerGroup: GROUP,
        selector: { scalingGroup: SCALING_GROUP },
        ports: [{ port: 8080 }],
        drain: { time: '20m' },
        ...binding,
      },
    ],
    ...file,
  };
}

/** The variables that point a command at these clouds, with the key. */
export function variablesOf(
  { endpoints, foundation }: LocalClouds,
  key: { accessKeyId: string; accessKeySecret: string; securityToken: string | null },
): Readonly<Record<string, string>> {
  return {
    ALIYUN_ACCOUNT_ID: foundation.identities.accountId,
    SLB_ENDPOINT: endpoints.slb,
    ECS_ENDPOINT: endpoints.ecs,
    ESS_ENDPOINT: endpoints.ess,
    OTS_ENDPOINT: endpoints.ots,
    ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: key.securityToken ?? '',
  };
}
