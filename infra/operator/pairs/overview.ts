import { isUnderWay, type Saga } from '../../../shared/pairs/saga/model.ts';
import { describeListeners, nameOfChange } from '../../../shared/pairs/words.ts';
import { roughly } from '../../../shared/times.ts';
import { renderTable, wrapped } from '../table.ts';
import type { Colors, Screen } from '../terminal.ts';
import type { SeenPair, UnseenPair } from './look.ts';
import type { PairState } from './state.ts';

/** Columns of the first two: an instance's or a load balancer's id, with the space behind it. */
const NAME_COLUMNS = 24;
const OTHER_COLUMNS = 2 * (NAME_COLUMNS + 3) + 2;
const STATE_COLUMNS_MIN = 24;

/** The pairs as a table, no wider than the screen where ids allow it. */
export function describePairs(
  looked: ReadonlyArray<SeenPair | UnseenPair>,
  { colors, size }: Screen,
): string {
  const columns = Math.max(STATE_COLUMNS_MIN, size().columns - OTHER_COLUMNS);
  const rows = looked.map((each) => {
    const { pair } = each;
    const names = [
      colors.bold(pair.name),
      pair.loadBalancerId,
      wrapped(describeListeners(pair), NAME_COLUMNS),
    ].join('\n');
    if ('error' in each) {
      return [names, '', colors.red(wrapped(`could not be looked at: ${each.error}`, columns))];
    }
    return [
      names,
      membersOf(each),
      [...stateLines(each, columns, colors), ...lastLines(each, columns, colors)].join('\n'),
    ];
  });
  return `${renderTable(['pair', 'primary, secondary, pool', 'state, last change'], rows, colors)}\n`;
}

function membersOf({ standing, seen, pair }: SeenPair): string {
  const [primary, secondary] =
    standing.kind !== 'group'
      ? ['?', '?']
      : [standing.group.members.primary.serverId, standing.group.members.secondary.serverId];
  const pool = pair.standby === null ? 'no pool' : `pool: ${seen.standbyIds.length}`;
  return [primary, secondary, pool].join('\n');
}

function stateLines({ states }: SeenPair, columns: number, colors: Colors): ReadonlyArray<string> {
  return states.map((state) => paintOf(state, colors)(wrapped(state.text, columns)));
}

function lastLines({ row, nowMs }: SeenPair, columns: number, colors: Colors): ReadonlyArray<string> {
  const saga = row?.saga ?? null;
  if (saga === null || isUnderWay(saga)) return [];
  return [colors.dim(wrapped(describeLast(saga, nowMs), columns))];
}

/** `promotion 3 done, 5 min ago` */
export function describeLast(saga: Saga, nowMs: number): string {
  return `${nameOfChange(saga)} ${saga.outcome ?? ''}, ${roughly(nowMs - (saga.endedAtMs ?? nowMs))} ago`;
}

/** The colour of a state. */
export function paintOf({ kind }: PairState, colors: Colors): (text: string) => string {
  switch (kind) {
    case 'well':
      return colors.green;
    case 'cooling-down':
      return colors.dim;
    case 'changing':
    case 'paused':
      return colors.cyan;
    case 'degraded':
    case 'unclear':
      return colors.red;
    case 'held':
    case 'accused':
    case 'failed-over':
    case 'not-looked-at':
      return colors.yellow;
  }
}
