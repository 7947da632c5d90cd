import type { InboxStore } from '../acceptance/ports.ts';
import { allOrFailure } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { PairStore } from '../pairs/ports.ts';
import type { PairRow } from '../pairs/record.ts';
import type { BackendRow } from '../server-groups/backend/record.ts';
import type { BackendStore } from '../server-groups/ports.ts';
import type { AdmissionPolicy } from './admission.ts';
import { begunChange } from './effects/backends.ts';
import { progressOfBackends } from './effects/backends-progress.ts';
import { progressOfOrder } from './effects/pairs.ts';
import type { Progress } from './effects/progress.ts';
import { type RequestRow, targetOfLane } from './model.ts';

/** What is recorded of the target of a lane of requests. */
export type Standing =
  | {
      readonly of: 'binding';
      readonly binding: Binding;
      readonly rows: ReadonlyArray<BackendRow>;
      /** Signals that its load balancer's lane has not handled. */
      readonly pendingKeys: ReadonlySet<string>;
    }
  | { readonly of: 'pair'; readonly row: PairRow | null }
  /** The configuration does not name it any more. */
  | { readonly of: 'nothing' };

/** What looking needs. */
export interface LookDeps {
  readonly backends: Pick<BackendStore, 'readGroups'>;
  readonly inbox: Pick<InboxStore, 'read'>;
  readonly pairRows: Pick<PairStore, 'read'>;
}

/** Reads it, from the tables alone. Complete or an error. */
export async function look(
  deps: LookDeps,
  { bindings, pairs }: AdmissionPolicy,
  laneId: string,
): Promise<Standing> {
  const target = targetOfLane(laneId);
  if (target?.of === 'pair') {
    if (!pairs.some(({ name }) => name === target.name)) return { of: 'nothing' };
    return { of: 'pair', row: (await deps.pairRows.read(target.name)).row };
  }
  const binding = bindings.find(({ name }) => name === target?.name);
  if (binding === undefined) return { of: 'nothing' };
  // The inbox first: what is taken out of it after this was read stands in the rows that are read now.
  const signals = await deps.inbox.read(binding.loadBalancerId);
  const [rows] = await allOrFailure([deps.backends.readGroups([binding.vServerGroupId])]);
  return { of: 'binding', binding, rows, pendingKeys: new Set(signals.map(({ key }) => key)) };
}

/** How far a request has come. */
export function progressOf(row: RequestRow, _policy: AdmissionPolicy, standing: Standing): Progress {
  switch (standing.of) {
    case 'binding': {
      const begun = begunChange(row, row.begunAtMs ?? row.receivedAtMs);
      if (begun === null) return GONE;
      return progressOfBackends(begun, standing.binding, standing.rows, standing.pendingKeys);
    }
    case 'pair':
      return progressOfOrder(row.request.requestId, standing.row);
    case 'nothing':
      return GONE;
  }
}

const GONE: Progress = { kind: 'lost', reason: 'the configuration does not name its target any more' };
