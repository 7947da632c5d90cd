import type { Application } from '../../world/ecs/serving-spans.ts';
import type { Dice } from '../dice.ts';

/** Most serve at once, some take a while, and a few never do. */
export function drawApplication(dice: Dice): Application {
  const roll = dice.random();
  if (roll < 0.05) return { kind: 'never' };
  return { kind: 'serves', afterMs: roll < 0.3 ? dice.whole(1_000, 90_000) : 0 };
}
