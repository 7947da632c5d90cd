import type { MetricName } from '../../metrics.ts';
import type { PairGroup, PairInput, PairMembers, PairQuestion } from '../model.ts';
import type { PairRow } from '../record.ts';
import type { SagaKind } from '../saga/model.ts';

/** What deciding goes by: the pair's group as it stands, and the row as it has been brought up to date. */
export interface DecisionInput {
  readonly input: PairInput;
  readonly row: PairRow;
  readonly group: PairGroup;
}

/** What a pair that stands still is to do. */
export type Ruling =
  | { readonly kind: 'nothing' }
  /** To be changed. */
  | {
      readonly kind: 'begin';
      readonly sagaKind: SagaKind;
      readonly to: PairMembers;
      readonly reason: string;
      readonly orderId: string | null;
      /** A group that is there already; left out or `null` = a new one is created. */
      readonly found?: PairGroup | null;
    }
  /** Something should be done and cannot, for a reason that people should know. */
  | {
      readonly kind: 'hold';
      readonly reason: string;
      readonly metric: MetricName;
      readonly lookAtMs: number | null;
    }
  /** Something has to be found out first. */
  | {
      readonly kind: 'ask';
      readonly questions: ReadonlyArray<PairQuestion>;
      readonly needsSystemEvents: boolean;
    }
  /** An order cannot be carried out. */
  | { readonly kind: 'refuse'; readonly orderId: string; readonly reason: string };

/** To be looked at again; `null` = not for this reason. */
export type Wake = { readonly atMs: number; readonly reason: string } | null;
