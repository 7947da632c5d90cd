import { backendKey, type ObservedBackend, type ObservedGroup, type Step } from './model.ts';
import type { WriteAnswer } from './ports.ts';

/**
 * The group after a write, as its own answer proves it. Only the backends that the step was about are taken from the
 * answer, since it is documented, but not certain, that it lists the whole group. `null` = the answer does not show
 * what the step asked for, so the group must be read again.
 */
export function withAnswer(group: ObservedGroup, step: Step, answer: WriteAnswer): ObservedGroup | null {
  const listed = new Map(answer.backends.map((backend) => [backendKey(backend), backend]));
  const touched = new Map<string, ObservedBackend | null>();
  for (const wanted of step.backends) {
    const key = backendKey(wanted);
    const shown = listed.get(key) ?? null;
    const isShown =
      step.kind === 'remove' ? shown === null : shown !== null && shown.weight === wanted.weight;
    if (!isShown) return null;
    // Not every answer repeats the Description; the next read shows it.
    touched.set(
      key,
      shown === null || shown.description !== '' ? shown : { ...shown, description: wanted.description },
    );
  }
  const others = group.backends.filter((backend) => !touched.has(backendKey(backend)));
  const changed = [...touched.values()].filter((backend) => backend !== null);
  return { ...group, backends: [...others, ...changed] };
}
