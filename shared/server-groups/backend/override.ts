import type { AuditAction } from '../../audit/model.ts';
import { takesBack } from './orders.ts';
import { type BackendRow, redirected, withColumns } from './record.ts';
import { decided, type Situation, type Transition } from './situation.ts';

/** What a person asks of a backend beyond what its binding says, until it ends. A newer one takes the place of an older. */
export interface Override {
  /** The change request. */
  readonly ref: string;
  /** It belongs in the group although no selector matches its instance. */
  readonly joins: boolean;
  /** What it is to have instead of the binding's weight; `null` = nothing. A share is never rounded to 0. */
  readonly weight: { readonly is: number } | { readonly percent: number } | null;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The override that stands now; the row's own object while it is the same. */
export function standingOverride({ row, news, heritage, nowMs }: Situation): Override | null {
  const { override: known = null, returns: before = [] } = row ?? heritage ?? {};
  if (known === null && news.overrides.length === 0) return null;
  const returns = [...news.returns, ...before];
  const standing = [...(known === null ? [] : [known]), ...news.overrides].filter(
    ({ ref, sinceMs, untilMs }) =>
      untilMs > nowMs && !returns.some((each) => takesBack(each, { cause: 'change-request', ref, sinceMs })),
  );
  const last = standing.reduce<Override | null>(
    (newest, each) => (newest === null || each.sinceMs > newest.sinceMs ? each : newest),
    null,
  );
  return last !== null && last.ref === known?.ref ? known : last;
}

/** The full weight of a backend: its binding's, or what a person has asked for. */
export function fullWeight({ weight }: Pick<Situation, 'weight'>, override: Override | null): number {
  const asked = override?.weight ?? null;
  if (asked === null) return weight;
  if ('is' in asked) return asked.is;
  return asked.percent === 0 ? 0 : Math.max(1, Math.round((weight * asked.percent) / 100));
}

/**
 * What an override that has begun or ended does to a backend in service: the next generation, so that its weight may fall,
 * and at the end the way back up its ramp. `row` is up to date. `null` = nothing has changed.
 */
export function turnOfOverride(situation: Situation, row: BackendRow): Transition | null {
  const before = situation.row?.override ?? null;
  const after = row.override;
  if (before === after) return null;
  const weight = fullWeight(situation, after);
  const isServing = row.phase === 'in-service' || row.phase === 'ramping';
  const has = situation.backend?.weight ?? 0;
  const isSame = weight === fullWeight(situation, before);
  const [action, reason] = wordsFor(before, after, weight);
  if (!isServing || isSame) return decided(row, action, reason);
  const isBack = after === null && has > 0 && has < weight;
  const turned = redirected(row, isBack ? 'ramping' : 'in-service', { dueSinceMs: situation.nowMs });
  return decided(withColumns(turned, { rampStep: 0 }), action, reason);
}

function wordsFor(
  before: Override | null,
  after: Override | null,
  weight: number,
): readonly [AuditAction, string] {
  if (after === null)
    return ['override-ended', `the override of ${before?.ref ?? ''} has ended: weight ${weight} again`];
  const what = after.joins ? 'in the group, at' : 'at';
  const until = new Date(after.untilMs).toISOString();
  return ['override-begun', `${after.ref} wants it ${what} weight ${weight} until ${until}`];
}
