import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../shared/config/load.ts';
import { buildFunctions } from '../../deploy/build.ts';
import { type LocalClouds, type LocalCloudsOptions, startLocalClouds } from '../clouds.ts';
import { deployLocally } from '../deployment/deployment.ts';
import { seedFromBindings } from './seed.ts';
import { seedScalingGroups } from './seed-scaling.ts';

/** Running local clouds with the product deployed into them, and the load balancers and scaling groups that its configuration names. */
export interface Stage {
  /** The one that is deployed now. */
  readonly config: Config;
  readonly clouds: LocalClouds;
  /** Builds and deploys another configuration over this one, as an operator does. */
  redeploy(again: Pick<StageOptions, 'config' | 'configFile'>): Promise<void>;
  /** Ends every process and removes what was built. */
  close(): Promise<void>;
}

/** What a stage is made from. */
export interface StageOptions {
  /** The same configuration, read and as the file that goes into the functions. */
  readonly config: Config;
  readonly configFile: string;
  readonly clouds: LocalCloudsOptions;
  /** Told what is being done, since it takes seconds. */
  readonly onProgress: (text: string) => void;
}

/** Builds the functions, starts the clouds and deploys. What was begun is undone when something fails. */
export async function openStage({
  config,
  configFile,
  clouds: options,
  onProgress,
}: StageOptions): Promise<Stage> {
  const builtFolder = await mkdtemp(join(tmpdir(), 'slb-autopilot-'));
  let clouds: LocalClouds | null = null;
  const close = async () => {
    await clouds?.close();
    await rm(builtFolder, { recursive: true, force: true });
  };
  try {
    onProgress('building the functions');
    await buildFunctions({ outFolder: builtFolder, configFile });
    onProgress('starting the local clouds');
    clouds = await startLocalClouds({ ...options, region: config.regionId });
    seedFromBindings(clouds.slb, config.bindings);
    onProgress('deploying');
    const deployment = { builtFolder, environment: endpointVariables(clouds) };
    await deployLocally(clouds, deployment);
    // After the queue that their hooks are to notify.
    seedScalingGroups(clouds, config);
    const running = clouds;
    let deployed = config;
    return {
      get config() {
        return deployed;
      },
      clouds: running,
      async redeploy(again) {
        await buildFunctions({ outFolder: builtFolder, configFile: again.configFile });
        await deployLocally(running, deployment);
        deployed = again.config;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The variables that point the product at these clouds. */
export function endpointVariables({ endpoints, tablestore }: LocalClouds): Readonly<Record<string, string>> {
  return {
    SLB_ENDPOINT: endpoints.slb,
    ECI_ENDPOINT: endpoints.eci,
    CMS_ENDPOINT: endpoints.cms,
    ECS_ENDPOINT: endpoints.ecs,
    ESS_ENDPOINT: endpoints.ess,
    OTS_ENDPOINT: endpoints.ots,
    MNS_ENDPOINT: endpoints.mns,
    FUNCTION_COMPUTE_ENDPOINT: endpoints.fc,
    OTS_INSTANCE: tablestore.instanceName,
  };
}
