import { ALL_INSTANCES, type Change, type WeightOf } from '../../../shared/requests/document.ts';
import type {
  PlannedStep,
  RequestPhase,
  RequestPlan,
  RequestResult,
  RequestRow,
} from '../../../shared/requests/model.ts';
import { instant } from '../../../shared/times.ts';
import type { Colors } from '../terminal.ts';

const INSTANCES_SHOWN = 3;

/** `drain i-bp1a of web for 2h`; of many instances the first few and their number. */
export function describeChange(change: Change): string {
  const { kind } = change;
  if (kind === 'approve') return `approve ${change.requestId} of ${change.binding}`;
  if ('pair' in change) {
    const to = kind === 'promote' && change.to !== undefined ? ` to ${change.to}` : '';
    const time = kind === 'pause' ? ` for ${change.for}` : '';
    return `${kind} ${change.pair}${to}${time}`;
  }
  const ports = 'ports' in change && change.ports !== undefined ? ` ${portsOf(change.ports)}` : '';
  return `${kind} ${instancesOf(change.instances)}${ports} of ${change.binding}${detailOf(change)}`;
}

/** Where a request is: the phase, or how it ended and why not. */
export function describeStanding(row: Pick<RequestRow, 'phase' | 'approval' | 'result'>): string {
  const { result } = row;
  if (result === null) return describePhase(row);
  return result.code === null ? result.outcome : `${result.outcome} (${result.code})`;
}

/** A phase for people; who has been approved waits for a function alone. */
export function describePhase({ phase, approval }: Pick<RequestRow, 'phase' | 'approval'>): string {
  return phase === 'awaiting-approval' && approval !== null ? 'approved' : PHASE_WORDS[phase];
}

const PHASE_WORDS: Readonly<Record<RequestPhase, string>> = {
  received: 'received',
  'awaiting-approval': 'awaiting approval',
  'in-progress': 'in progress',
  ended: 'ended',
};

/** The colour of an outcome, or of a request that goes on. */
export function paintOf(
  { phase, result }: Pick<RequestRow, 'phase' | 'result'>,
  colors: Colors,
): (text: string) => string {
  if (result === null) return phase === 'awaiting-approval' ? colors.yellow : colors.cyan;
  return paintOfOutcome(result.outcome, colors);
}

/** The colour of an outcome. */
export function paintOfOutcome(outcome: RequestResult['outcome'], colors: Colors): (text: string) => string {
  return outcome === 'done' || outcome === 'foreseen' ? colors.green : colors.red;
}

const SIGNS: Readonly<Record<PlannedStep['action'], string>> = {
  add: '+',
  'set-weight': '~',
  remove: '-',
  'keep-out': 'x',
  call: '>',
};

/** A plan as lines: `  ~ i-bp1a :8080  set-weight 0`, and what would hold a step below them. */
export function describePlan({ steps, held }: RequestPlan): ReadonlyArray<string> {
  const subjects = steps.map(({ subject }) => describeSubject(subject));
  const columns = Math.max(0, ...subjects.map(({ length }) => length));
  return [
    ...(steps.length === 0 ? ['  nothing would be changed'] : []),
    ...steps.map(({ action, to }, index) => {
      // What a step says it becomes may name the action itself.
      const what = to.startsWith(action) ? to : `${action} ${to}`;
      return `  ${SIGNS[action]} ${(subjects[index] ?? '').padEnd(columns)}  ${what}`.trimEnd();
    }),
    ...held.map((text) => {
      const [, subject, guard] = /^(\S+): (.+)$/.exec(text) ?? [];
      return `  ! ${subject === undefined ? text : `${describeSubject(subject)}  held by ${guard ?? ''}`}`;
    }),
  ];
}

/** `i-bp1a :8080`, `eni-bp1a@10.0.0.1 :8080` for a backend, whose group all steps share; any other subject as it is. */
function describeSubject(subject: string): string {
  const [, server, port] = /^[^/\s]+\/([^:\s]+):(\S+)$/.exec(subject) ?? [];
  return server === undefined ? subject : `${server} :${port ?? ''}`;
}

/** The calls that were made, a line each, with the cloud's request ids, which its support asks for. */
export function describeCalls({ calls }: Pick<RequestResult, 'calls'>): ReadonlyArray<string> {
  return calls.map(({ atMs, action, subject, reason, requestIds }) => {
    const ids = requestIds.length === 0 ? '' : ` (request ${requestIds.join(', ')})`;
    return `${instant(atMs)} ${action} ${describeSubject(subject)}: ${reason}${ids}`;
  });
}

function instancesOf(ids: ReadonlyArray<string> | typeof ALL_INSTANCES): string {
  if (ids === ALL_INSTANCES) return 'all instances';
  const shown = ids.slice(0, INSTANCES_SHOWN).join(', ');
  const others = ids.length - INSTANCES_SHOWN;
  return others > 0 ? `${shown} and ${others} more` : shown;
}

/** `5 for i-bp1a`. */
function describeWeightOf({ weight, ...of }: WeightOf): string {
  return `${weight} for ${Object.values(of).join('')}`;
}

function portsOf(ports: ReadonlyArray<number>): string {
  return ports.map((port) => `:${port}`).join(', ');
}

function detailOf(change: Change): string {
  const time = 'for' in change ? ` for ${change.for}` : '';
  if (change.kind === 'lift-guard') return `, ${change.guard}${time}`;
  if (change.kind !== 'set-weight') return time;
  const { weight, weights = [], percent } = change;
  if (percent !== undefined) return ` to ${percent} %${time}`;
  const others =
    weight === undefined ? [] : [weights.length === 0 ? `${weight}` : `${weight} for the others`];
  return ` to ${[...weights.map(describeWeightOf), ...others].join(', ')}${time}`;
}
