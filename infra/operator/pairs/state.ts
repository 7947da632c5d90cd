import { listenerName, type Pair } from '../../../shared/config/pair.ts';
import type { BackendHealth } from '../../../shared/load-balancers/model.ts';
import { coolDownUntilMs } from '../../../shared/pairs/decision/pauses.ts';
import { progressOf } from '../../../shared/pairs/progress.ts';
import type { PairRow } from '../../../shared/pairs/record.ts';
import { isUnderWay } from '../../../shared/pairs/saga/model.ts';
import type { Standing } from '../../../shared/pairs/standing.ts';
import { OBSERVERS, type Testimony } from '../../../shared/pairs/testimony/model.ts';
import { nameOfChange } from '../../../shared/pairs/words.ts';
import { instant } from '../../../shared/times.ts';

/** What is to be said of a pair's state, in one word. */
export type StateKind =
  | 'changing'
  | 'unclear'
  | 'not-looked-at'
  | 'degraded'
  | 'held'
  | 'paused'
  | 'accused'
  | 'failed-over'
  | 'cooling-down'
  | 'well';

/** One thing that is so of a pair. */
export interface PairState {
  readonly kind: StateKind;
  readonly text: string;
}

/** Everything that is so of a pair now, the most important first; at least one. `standing` `null` = no cloud was asked. */
export function statesOf(
  pair: Pair,
  row: PairRow | null,
  standing: Standing | null,
  health: ReadonlyArray<BackendHealth>,
  nowMs: number,
): ReadonlyArray<PairState> {
  const unclear: ReadonlyArray<PairState> =
    standing !== null && standing.kind !== 'group' ? [{ kind: 'unclear', text: standing.reason }] : [];
  if (row === null) {
    return [
      ...unclear,
      ...failedOver(pair, standing, health),
      { kind: 'not-looked-at', text: 'no function has looked at it yet' },
    ];
  }
  const states = [
    ...changing(row),
    ...unclear,
    ...held(row),
    ...paused(row, nowMs),
    ...accused(row),
    ...failedOver(pair, standing, health),
    ...coolingDown(pair, row, nowMs),
  ];
  // What holds back nothing is no trouble: the pair is well while it cools down.
  return states.every(({ kind }) => kind === 'cooling-down')
    ? [{ kind: 'well', text: 'well' }, ...states]
    : states;
}

/** The same from the table alone: what no cloud was asked about is not said. */
export function statesInRow(pair: Pair, row: PairRow | null, nowMs: number): ReadonlyArray<PairState> {
  return statesOf(pair, row, null, [], nowMs);
}

function changing({ saga }: PairRow): ReadonlyArray<PairState> {
  if (!isUnderWay(saga)) return [];
  const { done, total, text, refused } = progressOf(saga);
  const again = refused === null ? '' : `, ${refused}`;
  return [{ kind: 'changing', text: `${nameOfChange(saga)}: ${done} of ${total}, ${text}${again}` }];
}

function held({ held: reason, saga }: PairRow): ReadonlyArray<PairState> {
  // What was so before the change began says nothing now.
  if (reason === null || isUnderWay(saga)) return [];
  return [{ kind: reason.startsWith('degraded') ? 'degraded' : 'held', text: reason }];
}

function paused({ pause, held: reason }: PairRow, nowMs: number): ReadonlyArray<PairState> {
  if (pause === null || pause.untilMs <= nowMs) return [];
  // Whatever the pause holds back is told with the pause.
  if (reason?.startsWith('paused by')) return [];
  const text = `paused until ${instant(pause.untilMs)} by ${pause.by}: ${pause.reason}`;
  return [{ kind: 'paused', text }];
}

function accused({ testimonies }: PairRow): ReadonlyArray<PairState> {
  return Object.entries(testimonies).map(([serverId, testimony]) => ({
    kind: 'accused',
    text: `${serverId} is accused by ${accusersOf(testimony)}`,
  }));
}

/** What CLB does by itself: it needs nobody for it, and goes back by itself. */
function failedOver(
  { listeners }: Pair,
  standing: Standing | null,
  health: ReadonlyArray<BackendHealth>,
): ReadonlyArray<PairState> {
  if (standing?.kind !== 'group') return [];
  const { primary, secondary } = standing.group.members;
  const own = new Set(listeners.map(listenerName));
  const where = health
    .filter(({ serverId, port, status }) => {
      return serverId === primary.serverId && port === primary.port && status === 'abnormal';
    })
    .map(({ protocol, listenerPort }) => `${protocol}:${listenerPort}`)
    .filter((name) => own.has(name));
  if (where.length === 0) return [];
  const text = `CLB itself sends ${where.join(', ')} to ${secondary.serverId}: the primary is abnormal there`;
  return [{ kind: 'failed-over', text }];
}

function accusersOf(testimony: Testimony): string {
  return OBSERVERS.filter((observer) => testimony[observer].finding === 'bad').join(' and ');
}

function coolingDown(pair: Pair, row: PairRow, nowMs: number): ReadonlyArray<PairState> {
  const untilMs = coolDownUntilMs(pair, row);
  if (untilMs <= nowMs || row.held?.startsWith('cooling down')) return [];
  return [{ kind: 'cooling-down', text: `cooling down until ${instant(untilMs)}` }];
}
