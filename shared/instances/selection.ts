import { type Binding, selectorTags } from '../config/binding.ts';
import type { EcsInstance } from './model.ts';

/** Whether the binding wants the instance: it carries every tag of the selector with exactly that value. */
export function isSelected(instance: EcsInstance, binding: Pick<Binding, 'selector'>): boolean {
  return selectorTags(binding.selector).every(({ key, value }) => instance.tags[key] === value);
}
