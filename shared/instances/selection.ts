import { type Binding, type Selector, selectorTags } from '../config/binding.ts';
import { typeOfServer } from './backend-type.ts';
import type { Instance, LifecycleState } from './model.ts';

type Tags = ReturnType<typeof selectorTags>;
/** A binding, or the pool of a pair, which has ECS instances only and says nothing of types. */
type Selecting = Pick<Binding, 'selector'> & Partial<Pick<Binding, 'type'>>;

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
export function isSelected(instance: Instance, { selector, type }: Selecting): boolean {
  if (!isOfType(instance, type)) return false;
  if (selector.kind === 'tags') return hasTags(instance, selector);
  const { scaling } = instance;
  if (scaling === null || scaling.scalingGroupId !== selector.scalingGroupId) return false;
  return IN_ROTATION.has(scaling.state) || LEAVING.has(scaling.state);
}

/**
 * The `ServerIp`s under which the binding has the instance serve, each a backend of its own; `null` = it needs none. Empty
 * while it has no address.
 */
export function servingAddresses(
  { instanceId, privateIp, addresses }: Instance,
  binding: Pick<Binding, 'addresses'>,
): ReadonlyArray<string | null> {
  const type = typeOfServer(instanceId);
  if (type === 'ecs') return [null];
  if (type === 'eni' && binding.addresses === 'all') return addresses;
  return privateIp === null ? [] : [privateIp];
}

/** Whether requests to the backend can reach the instance: a network interface may have lost the address. */
export function hasAddress({ addresses }: Instance, serverIp: string | null): boolean {
  return serverIp === null || addresses.includes(serverIp);
}

/** Whether it leaves its scaling group. */
export function isLeavingGroup({ scaling }: Instance): boolean {
  return scaling !== null && LEAVING.has(scaling.state);
}

/** Whether its scaling group has it in service, for good or until further notice. */
export function isInService({ scaling }: Instance): boolean {
  return scaling?.state === 'InService' || scaling?.state === 'Protected';
}

/**
 * Whether the binding may want the instance, as far as ECS alone can tell: Auto Scaling puts the name of the group on the
 * instances that it creates, though not on those that somebody attached.
 */
export function maySelect(instance: Instance, binding: Selecting): boolean {
  return (
    isSelected(instance, binding) || (isOfType(instance, binding.type) && hasTags(instance, binding.selector))
  );
}

function isOfType({ instanceId }: Instance, type: Binding['type'] = 'ecs'): boolean {
  return typeOfServer(instanceId) === type;
}

function hasTags(instance: Instance, selector: Selector): boolean {
  const known = tagsBySelector.get(selector);
  const tags = known ?? selectorTags(selector);
  if (known === undefined) tagsBySelector.set(selector, tags);
  return tags.every(({ key, value }) => instance.tags[key] === value);
}
