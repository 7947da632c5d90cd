import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import type { ConnectionCounts } from '../connections/ports.ts';
import { describeError, RejectedError, TransientError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Prober } from '../readiness/ports.ts';
import { type Answers, backendId, type Enquiry } from './model.ts';

/** What asking needs. */
export interface EnquiryDeps {
  readonly prober: Prober;
  readonly connections: ConnectionCounts;
  readonly clock: Clock;
  readonly logger: Logger;
}

const AT_ONCE = 20;
/** Enquiries of one round; the others are asked in the next, so that no round outlasts its pass. */
const PER_ROUND_MAX = 100;

/** The answers that the plans of one pass have asked for. */
export class AnswerBook implements Answers {
  readonly probes = new Map<string, NonNullable<ReturnType<Answers['probes']['get']>>>();
  readonly connections = new Map<string, NonNullable<ReturnType<Answers['connections']['get']>>>();
  readonly #deps: EnquiryDeps;

  constructor(deps: EnquiryDeps) {
    this.#deps = deps;
  }

  /** Asks, a bounded number at a time. What a monitor cannot say is an answer too: there is no sample. */
  async ask(enquiries: ReadonlyArray<Enquiry>): Promise<void> {
    const round = enquiries.slice(0, PER_ROUND_MAX);
    await mapBounded(round, AT_ONCE, async (enquiry) => {
      if (enquiry.kind !== 'probe') return;
      const { backend, privateIp, probe } = enquiry;
      const result = await this.#deps.prober.probe(privateIp, backend.port, probe);
      this.probes.set(backendId(backend), { ...result, atMs: this.#deps.clock.nowMs() });
    });
    const counted = round.filter(({ kind }) => kind === 'connections').map(({ backend }) => backend);
    if (counted.length === 0) return;
    const counts = await this.#countsOf([...new Set(counted.map(({ serverId }) => serverId))]);
    const atMs = this.#deps.clock.nowMs();
    for (const backend of counted) {
      this.connections.set(backendId(backend), { count: counts.get(backend.serverId) ?? null, atMs });
    }
  }

  async #countsOf(instanceIds: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>> {
    try {
      return await this.#deps.connections.of(instanceIds);
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof RejectedError)) throw error;
      // Without samples the drain lasts its whole time, which is always right.
      this.#deps.logger.warn(
        { instances: instanceIds.length },
        `no connection counts: ${describeError(error)}`,
      );
      return new Map();
    }
  }
}
