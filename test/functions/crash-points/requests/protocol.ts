import type { MemoryClouds } from '../../../../infra/local/memory/clouds.ts';
import type { WorkerCall } from '../../../../infra/local/simulator/play/calls.ts';
import type { Protocol } from '../play.ts';
import { GroupProtocol } from '../protocol.ts';
import { GROUP, instancesOf } from '../story.ts';
import { resultsIn } from './results.ts';
import { approvalOf, type RequestStory, send } from './story.ts';

/** In front of the moves in what is remembered; see {@link RequestStory.moves}. */
export const MOVE = 'move ';
const APPROVED = 'approved ';

/** What every write is held to, how often each weight changes, and somebody who approves what asks for it. */
export class RequestProtocol implements Protocol {
  readonly #clouds: MemoryClouds;
  readonly #isApproved: boolean;
  readonly #group: GroupProtocol;
  readonly #counts: Map<string, number>;
  #weights: ReadonlyMap<string, number>;

  constructor(
    clouds: MemoryClouds,
    { isApproved }: Pick<RequestStory, 'isApproved'>,
    memory: ReadonlyMap<string, number>,
  ) {
    this.#clouds = clouds;
    this.#isApproved = isApproved;
    this.#group = new GroupProtocol(clouds, new Map([...memory].filter(([key]) => !isCount(key))));
    this.#counts = new Map([...memory].filter(([key]) => isCount(key)));
    this.#weights = weightsIn(clouds);
  }

  get faults(): ReadonlyArray<string> {
    return this.#group.faults;
  }

  get memory(): ReadonlyMap<string, number> {
    return new Map([...this.#group.memory, ...this.#counts]);
  }

  landed(call: WorkerCall): void {
    this.#group.landed(call);
    this.#countMoves();
    if (this.#isApproved && call.travel.action === 'SendMessage') this.#approve();
  }

  #countMoves(): void {
    const before = this.#weights;
    this.#weights = weightsIn(this.#clouds);
    for (const [index, id] of instancesOf(this.#clouds).entries()) {
      const [from, to] = [before.get(id), this.#weights.get(id)];
      if (from !== to) this.#count(`${MOVE}${index} ${from ?? '-'}>${to ?? '-'}`);
    }
  }

  #approve(): void {
    for (const { requestId, outcome, planHash } of resultsIn(this.#clouds)) {
      const name = `${APPROVED}${requestId} ${planHash}`;
      if (outcome !== 'awaiting-approval' || this.#counts.has(name)) continue;
      this.#count(name);
      send(this.#clouds, approvalOf(requestId ?? '', planHash ?? ''));
    }
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

function isCount(key: string): boolean {
  return key.startsWith(MOVE) || key.startsWith(APPROVED);
}

function weightsIn({ slb }: MemoryClouds): ReadonlyMap<string, number> {
  return new Map((slb.group(GROUP)?.backends ?? []).map(({ serverId, weight }) => [serverId, weight]));
}
