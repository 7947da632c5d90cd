import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import type { Slb } from '../slb/slb.ts';
import type { ScalingGroup, VServerGroupAttachment } from './model.ts';

/** How far a piece of work on vServer groups came: `busy` = try again later; `refused` = it will not succeed. */
export type WorkState = 'done' | 'busy' | 'refused';

/** Instances of a scaling group in the vServer groups that Auto Scaling keeps. Every step can be repeated safely. */
export interface AttachmentWork {
  /** Adds those that are not there; one that is there keeps its weight. */
  join(group: ScalingGroup, instanceIds: ReadonlyArray<string>): WorkState;
  /** Removes those that are there. A vServer group that is gone counts as done. */
  leave(attachments: ReadonlyArray<VServerGroupAttachment>, instanceIds: ReadonlyArray<string>): WorkState;
  /** Gives those that are there weight 0, or the attachment's own. */
  weigh(group: ScalingGroup, instanceIds: ReadonlyArray<string>, weight: 'zero' | 'own'): WorkState;
}

/** Auto Scaling's own hands on SLB; as a service of the cloud it passes no gate. */
export function createAttachmentWork(
  { switches }: Pick<Foundation, 'switches'>,
  { slb }: { readonly slb: Slb },
): AttachmentWork {
  const present = ({ vServerGroupId, port }: VServerGroupAttachment) =>
    new Map(
      (slb.group(vServerGroupId)?.backends ?? [])
        .filter((backend) => backend.port === port && backend.type === 'ecs')
        .map((backend) => [backend.serverId, backend.weight]),
    );
  /** One call's worth of work for each attachment that has some. */
  const each = (
    attachments: ReadonlyArray<VServerGroupAttachment>,
    wanting: (attachment: VServerGroupAttachment) => ReadonlyArray<string>,
    write: (attachment: VServerGroupAttachment, instanceIds: ReadonlyArray<string>) => void,
  ): WorkState => {
    let state: WorkState = 'done';
    for (const attachment of attachments) {
      const ids = wanting(attachment);
      if (ids.length === 0) continue;
      const now = ids.slice(0, switches.slbBackendsPerCallMax);
      try {
        write(attachment, now);
        if (now.length < ids.length && state === 'done') state = 'busy';
      } catch (error) {
        if (!(error instanceof CloudError)) throw error;
        const isBusy = error.code === 'VServerGroupProcessing';
        if (state !== 'refused') state = isBusy ? 'busy' : 'refused';
      }
    }
    return state;
  };

  return {
    join: ({ vServerGroups }, instanceIds) =>
      each(
        vServerGroups,
        (attachment) => {
          const there = present(attachment);
          return instanceIds.filter((id) => !there.has(id));
        },
        ({ vServerGroupId, port, weight }, ids) =>
          slb.vServerGroups.add({
            vServerGroupId,
            backendServers: ids.map((serverId) => ({ serverId, port, weight })),
          }),
      ),
    leave: (attachments, instanceIds) =>
      each(
        attachments,
        (attachment) => {
          const there = present(attachment);
          return instanceIds.filter((id) => there.has(id));
        },
        ({ vServerGroupId, port }, ids) =>
          slb.vServerGroups.remove({
            vServerGroupId,
            backendServers: ids.map((serverId) => ({ serverId, port })),
          }),
      ),
    weigh({ vServerGroups }, instanceIds, weight) {
      const wanted = (attachment: VServerGroupAttachment) => (weight === 'zero' ? 0 : attachment.weight);
      return each(
        vServerGroups,
        (attachment) => {
          const there = present(attachment);
          return instanceIds.filter((id) => there.has(id) && there.get(id) !== wanted(attachment));
        },
        (attachment, ids) =>
          slb.vServerGroups.set({
            vServerGroupId: attachment.vServerGroupId,
            backendServers: ids.map((serverId) => ({
              serverId,
              port: attachment.port,
              weight: wanted(attachment),
            })),
          }),
      );
    },
  };
}
