import type { Carrier } from '../../../infra/local/memory/carrier.ts';
import { createMemoryTableClient } from '../../../infra/local/memory/table-client.ts';
import { sleep, VirtualClock } from '../../../infra/local/world/clock.ts';
import { createFoundation, type Foundation } from '../../../infra/local/world/foundation.ts';
import { seededRandom } from '../../../infra/local/world/random.ts';
import { createTablestore } from '../../../infra/local/world/tablestore/tablestore.ts';
import { createBudgetStore } from '../../../shared/adapters/tablestore/budget-store.ts';
import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';
import { TABLES } from '../../../shared/adapters/tablestore/tables.ts';
import { type ApiBudget, createApiBudget } from '../../../shared/api-budget/apply.ts';
import { type ApiBudgetSettings, DEFAULT_API_BUDGET } from '../../../shared/api-budget/model.ts';
import type { Clock, Random } from '../../../shared/clock.ts';
import { NOW_MS } from '../../support/builders.ts';

export const SET = 'SetVServerGroupAttribute';
export const ADD = 'AddVServerGroupBackendServers';
export const REGION = 'cn-hangzhou';

/** A worker: its budget, its table time, and what it said in warning. */
export interface BudgetWorker {
  readonly budget: ApiBudget;
  readonly clock: Clock;
  readonly warnings: ReadonlyArray<string>;
  /** Reads something, as every pass has before it sends: from then on table time is known. */
  read(): Promise<void>;
}

/** Tablestore with the product's budget table in virtual time, for any number of workers. */
export class BudgetWorld {
  readonly clock = new VirtualClock(NOW_MS);
  readonly foundation: Foundation;
  readonly random: Random;
  readonly #tablestore: ReturnType<typeof createTablestore>;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.foundation = createFoundation({ clock: this.clock, seed, region: REGION });
    this.#tablestore = createTablestore(this.foundation);
    const { name, key, timeToLiveSeconds } = TABLES.budget;
    this.#tablestore.createTable({
      tableName: name,
      primaryKey: key.map((column) => ({ ...column, isAutoIncrement: false })),
      options: { timeToLive: timeToLiveSeconds, maxVersions: 1 },
      reserved: { read: 0, write: 0 },
    });
  }

  /** Each way of a call takes up to `wayMsMax`; the worker's own clock is off by `skewMs`. */
  worker(
    options: {
      settings?: Partial<ApiBudgetSettings>;
      wayMsMax?: number;
      skewMs?: number;
      random?: Random;
    } = {},
  ): BudgetWorker {
    const { wayMsMax = 0, skewMs = 0, random = this.random } = options;
    const tables = this.#tables(wayMsMax, skewMs);
    const warnings: Array<string> = [];
    const budget = createApiBudget({
      store: createBudgetStore(tables),
      clock: tables.time,
      random,
      logger: {
        info: () => {},
        warn: (_fields, message) => void warnings.push(message),
        error: (_fields, message) => void warnings.push(message),
      },
      settings: { ...DEFAULT_API_BUDGET, ...options.settings },
      regionId: REGION,
    });
    const read = async () => {
      await tables.get(TABLES.budget.name, { region: REGION, api: 'none', slot: 0 });
    };
    return { budget, clock: tables.time, warnings, read };
  }

  /** The calls to Tablestore so far, oldest first. */
  get calls(): ReadonlyArray<string> {
    return this.foundation.gate.records.map(({ action }) => action);
  }

  sleep(ms: number): Promise<void> {
    return sleep(this.clock, ms);
  }

  #tables(wayMsMax: number, skewMs: number): TableClient {
    const way = () => this.sleep(Math.round(this.random() * wayMsMax));
    const carrier: Carrier = {
      async carry(_travel, land) {
        await way();
        try {
          return await land();
        } finally {
          await way();
        }
      },
      pause: (ms) => this.sleep(ms),
    };
    return createMemoryTableClient(this.foundation, this.#tablestore, {
      principal: this.foundation.identities.administrator.principal,
      ownClock: { nowMs: () => this.clock.nowMs() + skewMs },
      carrier,
      timeoutMs: 10_000,
    });
  }
}

/** The most instants that lie in any 60 s. */
export function mostInAMinute(instants: ReadonlyArray<number>): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, atMs] of sorted.entries()) {
    while ((sorted[first] ?? atMs) <= atMs - 60_000) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
