import type { MakeInvariant } from './invariant.ts';
import { toldIn } from './messages.ts';
import { groupWriteOf } from './our-writes.ts';

const READS = /^(?:Describe|Get|BatchGet)/;

/**
 * I10: a message that was done before its delivery changes nothing and keeps its answer, and a batch of such messages
 * sends nothing but reads. A copy under a new id leads to a look, and a look writes nothing that is so already.
 */
export const duplicates: MakeInvariant = ({ knowledge }, violate) => {
  const done = new Set<string>();
  /** By worker: the keys of its delivery that were done before it began. */
  const known = new Map<string, ReadonlySet<string>>();
  /** Workers whose delivery is nothing but such messages. */
  const idle = new Set<string>();
  return {
    began(worker, { codeName, trigger, payload }) {
      if (trigger !== 'stream' || codeName === 'tick') return;
      const keys = toldIn(payload).map((told) => told.key);
      known.set(worker, new Set(keys.filter((key) => done.has(key))));
      if (keys.length > 0 && keys.every((key) => done.has(key))) idle.add(worker);
    },
    finished(worker) {
      known.delete(worker);
      idle.delete(worker);
    },
    rowWritten({ table, before, after }, by) {
      const key = table === 'inbox' ? after?.key[1] : after?.key[0];
      if (key === undefined || by === null) return;
      if (table === 'inbox' && before === null && known.get(by.worker)?.has(key)) {
        violate(`${by.worker} puts the event ${key} into an inbox again, which was done before`);
      }
      if (table !== 'done') return;
      const isChanged = before !== null && before.columns.result !== after?.columns.result;
      if (isChanged && known.get(by.worker)?.has(key)) {
        violate(
          `${by.worker} answers the duplicate ${key} with “${after?.columns.result}”, the first was “${before.columns.result}”`,
        );
      }
      done.add(key);
    },
    sent(call) {
      const { worker, travel } = call;
      if (idle.has(worker) && !READS.test(travel.action)) {
        violate(`${worker} was handed duplicates alone and sends ${travel.action}`);
        return;
      }
      const write = groupWriteOf(call);
      const seen = write === null ? undefined : knowledge.of(worker).groups.get(write.vServerGroupId);
      if (write === null || seen === undefined) return;
      for (const { key, weight, description } of write.backends) {
        const present = seen.backends.get(key);
        const isSo =
          write.kind === 'set'
            ? present?.weight === weight && present.description === description
            : (present !== undefined) === (write.kind === 'add');
        if (!isSo) continue;
        violate(
          `${worker} sends ${write.kind} of ${key} to ${write.vServerGroupId}, where it has seen it so already`,
        );
        return;
      }
    },
  };
};
