import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { ChangeRequest } from '../../../../shared/requests/document.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { RequestHappening } from '../request.ts';

/** Somebody whom nobody has started. */
const NOBODY_ID = 'i-bp1nobody000000000001';

/** Puts the day's requests on the queue, and knows which they were. */
export class RequestStagehand {
  readonly #clouds: MemoryClouds;
  readonly #find: (name: string) => string | null;
  readonly #sentIds: Array<string> = [];

  constructor(clouds: MemoryClouds, find: (name: string) => string | null) {
    this.#clouds = clouds;
    this.#find = find;
  }

  /** Ids of the requests that were sent, each once. */
  get sentIds(): ReadonlyArray<string> {
    return this.#sentIds;
  }

  perform(happening: RequestHappening): void {
    const { foundation, mns } = this.#clouds;
    const text = JSON.stringify(this.#document(happening, foundation.clock.nowMs()));
    const body = Buffer.from(text).toString('base64');
    for (let copy = 0; copy < happening.copies; copy++) mns.sendMessage(QUEUES.changeRequests, { body });
    this.#sentIds.push(happening.requestId);
  }

  #document({ requestId, change, isDryRun, notAfterMs }: RequestHappening, nowMs: number): ChangeRequest {
    return {
      kind: 'slb-autopilot/change-request',
      version: 1,
      requestId,
      requestedBy: 'sim',
      reason: 'it is time',
      ...(isDryRun ? { dryRun: true } : {}),
      ...(notAfterMs === null ? {} : { notAfter: new Date(nowMs + notAfterMs).toISOString() }),
      change: this.#changeOf(change),
    };
  }

  #changeOf(change: RequestHappening['change']): ChangeRequest['change'] {
    if ('pair' in change) {
      const { pair } = change;
      return change.kind === 'pause'
        ? { kind: 'pause', pair, for: `${change.forMs}ms` }
        : { kind: change.kind, pair };
    }
    const { binding, names } = change;
    const ids = [...new Set(names.map((name) => this.#find(name) ?? NOBODY_ID))];
    const about = { binding, instances: ids };
    switch (change.kind) {
      case 'set-weight':
        return { kind: change.kind, ...about, percent: change.percent, for: `${change.forMs}ms` };
      case 'drain':
      case 'join':
        return { kind: change.kind, ...about, for: `${change.forMs}ms` };
      case 'remove':
      case 'release-override':
        return { kind: change.kind, ...about };
    }
  }
}
