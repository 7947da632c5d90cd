import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../shared/config/load.ts';
import { reportOf, type SceneReport } from './report.ts';
import type { Scene } from './scene.ts';
import { createScript, SceneStopped } from './script.ts';
import { openStage, type Stage } from './stage.ts';

/** Settings of {@link runScene}. */
export interface RunSceneOptions {
  readonly seed: number;
  /** Ends the scene early; its report says so. */
  readonly interrupt: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Called when the scene is about to begin. */
  readonly onStage: (stage: Stage) => void;
  /** Called when it is over, before everything is taken down. */
  readonly onEnd: () => void;
}

/** Plays the scene on a stage of its own and takes everything down again. */
export async function runScene(scene: Scene, options: RunSceneOptions): Promise<SceneReport> {
  const { configFile, completeConfig } = scene;
  if (completeConfig === undefined) return await playScene(scene, configFile, options);
  const folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-scene-'));
  try {
    const completeFile = join(folder, 'autopilot.yaml');
    await writeFile(completeFile, completeConfig(await readFile(configFile, 'utf8')));
    return await playScene(scene, completeFile, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function playScene(scene: Scene, configFile: string, options: RunSceneOptions): Promise<SceneReport> {
  const startedAtMs = Date.now();
  const config = loadConfig(configFile);
  const clouds = { ...scene.clouds, seed: options.seed };
  const stage = await openStage({ config, configFile, clouds, onProgress: options.onProgress });
  try {
    options.onStage(stage);
    const script = createScript(stage.clouds.foundation, options.interrupt);
    let stopped: string | null = null;
    try {
      await scene.play(stage, script);
    } catch (error) {
      if (!(error instanceof SceneStopped)) throw error;
      stopped = error.message;
    }
    return reportOf(stage, { scene: scene.name, startedAtMs, checks: script.checks, stopped });
  } finally {
    options.onEnd();
    await stage.close();
  }
}
