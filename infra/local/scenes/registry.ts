import { DRIFT_SCENE } from './drift/scene.ts';
import { GROUPS_SCENE } from './groups/scene.ts';
import { HOOKS_SCENE } from './hooks/scene.ts';
import { MAIN_SCENE } from './main/scene.ts';
import { PROMOTION_SCENE } from './promotion/scene.ts';
import { REQUESTS_SCENE } from './requests/scene.ts';
import type { Scene } from './scene.ts';

/** The scene that is played when none is named. */
export const DEFAULT_SCENE_NAME = MAIN_SCENE.name;

/** Every scene by its name. */
export const SCENES: ReadonlyMap<string, Scene> = new Map(
  [MAIN_SCENE, HOOKS_SCENE, PROMOTION_SCENE, REQUESTS_SCENE, DRIFT_SCENE, GROUPS_SCENE].map((scene) => [
    scene.name,
    scene,
  ]),
);
