import { namesPortOf } from '../../../../shared/instances/backend-type.ts';
import { Authors } from './authors.ts';
import { bindingsOfGroup } from './bound-groups.ts';
import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf, MARK_PREFIX } from './our-writes.ts';

/**
 * I2: no call of ours names a backend that is not ours. Ours is what the worker has seen with our mark, what we really put
 * there, what a binding adopts; and what is not there yet, if it was recorded before.
 */
export const ownership: MakeInvariant = (scene, violate) => {
  const { clouds, knowledge, records } = scene;
  const authors = new Authors(clouds);
  const isAdopted = (vServerGroupId: string, backend: { readonly serverId: string; readonly port: number }) =>
    bindingsOfGroup(scene, vServerGroupId).some((binding) => binding.adopt && namesPortOf(binding, backend));
  return {
    landed: (call) => authors.landed(call),
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null) return;
      const { kind, vServerGroupId } = write;
      const seen = knowledge.of(call.worker).groups.get(vServerGroupId);
      for (const backend of write.backends) {
        const { key } = backend;
        const present = seen?.backends.get(key);
        const isRecorded = records.find(vServerGroupId, key) !== null;
        if (present === undefined) {
          if (isRecorded) continue;
          violate(`${call.worker} sends ${kind} of ${key} to ${vServerGroupId}, which stands in no record`);
          return;
        }
        const { description } = present;
        // Without any Description nobody has claimed it, so the record decides.
        const isOurs =
          description.startsWith(MARK_PREFIX) ||
          authors.of(vServerGroupId, key)?.addedBy === 'us' ||
          (description === '' && isRecorded) ||
          isAdopted(vServerGroupId, backend);
        if (isOurs) continue;
        violate(
          `${call.worker} sends ${kind} of ${key} to ${vServerGroupId}, where it is somebody else's (“${description}”)`,
        );
        return;
      }
    },
  };
};
