import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import type { ConnectionCounts, ConnectionSample } from '../connections/ports.ts';
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

/** Enquiries of one round, all at once: a round lasts as long as one probe may, and what is left is asked in the next. */
const PER_ROUND_MAX = 50;

/** The answers that the plans of one pass have asked for. */
export class AnswerBook implements Answers {
  readonly probes = new Map<string, NonNullable<ReturnType<Answers['probes']['get']>>>();
  readonly connections = new Map<string, NonNullable<ReturnType<Answers['connections']['get']>>>();
  readonly #deps: EnquiryDeps;

  constructor(deps: EnquiryDeps) {
    this.#deps = deps;
  }

  /**
   * Asks a bounded number, whoever was not asked yet first: else many that never answer would keep the others waiting.
   * What a monitor cannot say is an answer too: there is no sample.
   */
  async ask(enquiries: ReadonlyArray<Enquiry>): Promise<void> {
    const longestAgoFirst = [...enquiries].sort((a, b) => this.#askedAtMs(a) - this.#askedAtMs(b));
    const round = longestAgoFirst.slice(0, PER_ROUND_MAX);
    await mapBounded(round, PER_ROUND_MAX, async (enquiry) => {
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
      this.connections.set(backendId(backend), { sample: counts.get(backend.serverId) ?? null, atMs });
    }
  }

  /** 0 = not yet. */
  #askedAtMs({ kind, backend }: Enquiry): number {
    const answers = kind === 'probe' ? this.probes : this.connections;
    return answers.get(backendId(backend))?.atMs ?? 0;
  }

  async #countsOf(instanceIds: ReadonlyArray<string>): Promise<ReadonlyMap<string, ConnectionSample>> {
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
