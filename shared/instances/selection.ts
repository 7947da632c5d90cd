import { type Binding, type Selector, selectorTags } from '../config/binding.ts';
import type { EcsInstance } from './model.ts';

type Tags = ReturnType<typeof selectorTags>;

/** A plan asks for every backend, and a selector never changes. */
const tagsBySelector = new WeakMap<Selector, Tags>();

/** Whether the binding wants the instance: it carries every tag of the selector with exactly that value. */
export function isSelected(instance: EcsInstance, { selector }: Pick<Binding, 'selector'>): boolean {
  const known = tagsBySelector.get(selector);
  const tags = known ?? selectorTags(selector);
  if (known === undefined) tagsBySelector.set(selector, tags);
  return tags.every(({ key, value }) => instance.tags[key] === value);
}
