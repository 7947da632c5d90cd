import { createHash } from 'node:crypto';
import type { Binding } from '../../config/binding.ts';
import { unknownGroupId } from '../../config/group.ts';
import type { Situation, Transition } from './situation.ts';
import { transition } from './transition.ts';

/** A situation as the audit keeps it: the binding is named, and its policy is known by its digest. */
export interface RecordedSituation {
  readonly situation: Omit<Situation, 'binding'>;
  /** `null` = no binding wanted the port. */
  readonly binding: string | null;
  /** Digest of the binding; `null` when there was none. */
  readonly policy: string | null;
}

/** What the audit keeps of a situation, so that the decision can be made again. */
export function recordedSituation({ binding, ...situation }: Situation): RecordedSituation {
  return { situation, binding: binding?.name ?? null, policy: binding === null ? null : policyOf(binding) };
}

const digests = new WeakMap<Binding, string>();

/** The first 16 hex digits of the SHA-256 over the binding, whichever group of SLB a declared one turned out to be. */
export function policyOf(binding: Binding): string {
  const known = digests.get(binding);
  if (known !== undefined) return known;
  const { declaredBy } = binding;
  const vServerGroupId = declaredBy === null ? binding.vServerGroupId : unknownGroupId(declaredBy);
  const text = JSON.stringify({ ...binding, vServerGroupId });
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  digests.set(binding, digest);
  return digest;
}

/**
 * Decides again from what was recorded, under the bindings given. `null` = it cannot be told, because the binding is not
 * there or its policy has changed since.
 */
export function decidedAgain(
  { situation, binding: name, policy }: RecordedSituation,
  bindings: ReadonlyArray<Binding>,
): Transition['decision'] {
  const binding = bindings.find((each) => each.name === name) ?? null;
  if (name !== null && (binding === null || policyOf(binding) !== policy)) return null;
  return transition({ ...situation, binding }).decision;
}
