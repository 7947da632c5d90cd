import { onTestFinished } from 'vitest';
import {
  type ScalingStage,
  type ScalingStageOptions,
  setScalingStage,
} from '../../bench/virtual/scaling-stage.ts';

/** Sets the stage for one test; the instances that it begins with are backends already. */
export async function aScalingStage(options: ScalingStageOptions = {}): Promise<ScalingStage> {
  const stage = await setScalingStage(options);
  onTestFinished(() => stage.close());
  return stage;
}
