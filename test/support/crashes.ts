import type { Production } from '../../shared/adapters/production.ts';

/** The worker's process is gone; nothing it would have done afterwards happens. */
export class WorkerDied extends Error {}

/** A worker that dies, and how many port calls it has made so far. */
export interface MortalWorker {
  readonly worker: Production;
  calls(): ReadonlyArray<string>;
}

const PORTS = [
  'done',
  'inbox',
  'lanes',
  'members',
  'quarantine',
  'instances',
  'groups',
  'backends',
  'wakeUps',
] as const;

/**
 * A worker that dies at its `n`-th port call (counted from 1), before the call is made or after it took effect; every
 * later call finds it dead. `n` beyond the last call = it lives.
 */
export function diesAt(worker: Production, n: number, when: 'before' | 'after'): MortalWorker {
  const calls: Array<string> = [];
  let isDead = false;
  const die = () => {
    isDead = true;
    throw new WorkerDied(`died ${when} ${calls.at(-1)}`);
  };
  const mortal = (port: string, object: object) =>
    new Proxy(object, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...parameters: ReadonlyArray<unknown>) => {
          if (isDead) throw new WorkerDied('is dead');
          calls.push(`${port}.${String(name)}`);
          const isLast = calls.length === n;
          if (isLast && when === 'before') die();
          const result: unknown = await Reflect.apply(member, target, [...parameters]);
          if (isLast) die();
          if (isDead) throw new WorkerDied('is dead');
          return result;
        };
      },
    });
  const ports = Object.fromEntries(PORTS.map((port) => [port, mortal(port, worker[port])]));
  return { worker: { ...worker, ...ports } as Production, calls: () => calls };
}
