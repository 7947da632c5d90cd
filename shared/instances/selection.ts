import { type Binding, type Selector, selectorTags } from '../config/binding.ts';
import type { EcsInstance, LifecycleState } from './model.ts';

type Tags = ReturnType<typeof selectorTags>;
type Selecting = Pick<Binding, 'selector'>;

/** A plan asks for every backend, and a selector never changes. */
const tagsBySelector = new WeakMap<Selector, Tags>();

/** The states in which a scaling group wants its instance to serve, or to prove that it could. */
const IN_ROTATION: ReadonlySet<LifecycleState> = new Set([
  'InService',
  'Protected',
  'Pending',
  'Pending:Wait',
]);

/** The states in which it takes it out of service for good. */
const LEAVING: ReadonlySet<LifecycleState> = new Set(['Removing', 'Removing:Wait']);

/**
 * Whether the binding wants the instance: it carries every tag of the selector with exactly that value, or its scaling
 * group has it in rotation. One that leaves is wanted still: that it leaves is an order, which drains it.
 */
export function isSelected(instance: EcsInstance, { selector }: Selecting): boolean {
  if (selector.kind === 'tags') return hasTags(instance, selector);
  const { scaling } = instance;
  if (scaling === null || scaling.scalingGroupId !== selector.scalingGroupId) return false;
  return IN_ROTATION.has(scaling.state) || LEAVING.has(scaling.state);
}

/** Whether it leaves its scaling group. */
export function isLeavingGroup({ scaling }: EcsInstance): boolean {
  return scaling !== null && LEAVING.has(scaling.state);
}

/** Whether its scaling group has it in service, for good or until further notice. */
export function isInService({ scaling }: EcsInstance): boolean {
  return scaling?.state === 'InService' || scaling?.state === 'Protected';
}

/**
 * Whether the binding may want the instance, as far as ECS alone can tell: Auto Scaling puts the name of the group on the
 * instances that it creates, though not on those that somebody attached.
 */
export function maySelect(instance: EcsInstance, binding: Selecting): boolean {
  return isSelected(instance, binding) || hasTags(instance, binding.selector);
}

function hasTags(instance: EcsInstance, selector: Selector): boolean {
  const known = tagsBySelector.get(selector);
  const tags = known ?? selectorTags(selector);
  if (known === undefined) tagsBySelector.set(selector, tags);
  return tags.every(({ key, value }) => instance.tags[key] === value);
}
