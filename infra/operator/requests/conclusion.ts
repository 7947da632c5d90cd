import type { RequestKey, RequestPlan, RequestResult, RequestRow } from '../../../shared/requests/model.ts';
import { EXIT_STATUS, type ExitStatus } from '../exit-status.ts';
import type { Colors } from '../terminal.ts';
import type { FollowedRequest } from './follow.ts';
import { describeChange, describePlan, describeStanding, paintOfOutcome } from './words.ts';

/** How a command about a request ends: for people, for programs, and as an exit status. */
export interface RequestConclusion {
  readonly status: ExitStatus;
  /** One word for programs: how it ended, `awaiting-approval`, or `unknown`. */
  readonly outcome: RequestResult['outcome'] | 'awaiting-approval' | 'unknown';
  /** Sentences for people. */
  readonly text: string;
}

/** What a followed request came to. */
export function concludeOnRequest(
  followed: FollowedRequest,
  { requestId }: Pick<RequestKey, 'requestId'>,
  colors: Colors,
): RequestConclusion {
  switch (followed.kind) {
    case 'ended':
      return concludeOnResult(followed.row, followed.result, colors);
    case 'awaiting-approval': {
      const { row } = followed;
      return {
        status: EXIT_STATUS.awaitingApproval,
        outcome: 'awaiting-approval',
        text: [
          `${colors.yellow('awaiting approval')}: ${requestId}, ${describeChange(row.request.change)}`,
          ...planLines(row.plan, row.planHash),
          `Somebody other than ${row.request.requestedBy} lets it go ahead with:`,
          `  autopilot approve ${requestId} --reason TEXT --key FILE${row.planHash === null ? '' : ` --plan-hash ${row.planHash}`}`,
        ].join('\n'),
      };
    }
    case 'time-is-up': {
      const cause = followed.why === null ? '' : ` (${followed.why})`;
      return unknown(`${standingOf(followed.row, requestId)}${cause}. ${again(requestId)}`);
    }
    case 'detached': {
      const text = `Not watched any more; ${standingOf(followed.row, requestId)}. It goes on. ${again(requestId)}`;
      return unknown(text);
    }
  }
}

/** The plan as lines with its hash, below a headline; nothing where there is none. */
export function planLines(
  plan: RequestPlan | null,
  planHash: string | null,
  headline = 'What would be done:',
): ReadonlyArray<string> {
  if (plan === null) return [];
  return [headline, ...describePlan(plan), ...(planHash === null ? [] : [`Plan hash: ${planHash}`])];
}

function concludeOnResult(row: RequestRow, result: RequestResult, colors: Colors): RequestConclusion {
  const { request } = row;
  const { outcome, reason, plan, planHash, expectedPlan } = result;
  const isWell = outcome === 'done' || outcome === 'foreseen';
  // What was done has been decided anew since it was foreseen: its plan says nothing any more.
  const told = outcome === 'done' ? [] : planLines(plan, planHash);
  const expected =
    expectedPlan === null ? [] : ['What had been approved or expected:', ...describePlan(expectedPlan)];
  return {
    status: isWell ? EXIT_STATUS.ok : EXIT_STATUS.failed,
    outcome,
    text: [
      `${paintOfOutcome(outcome, colors)(describeStanding(row))}: ${request.requestId}, ${describeChange(request.change)}`,
      reason,
      ...told,
      ...expected,
    ].join('\n'),
  };
}

function standingOf(row: RequestRow | null, requestId: string): string {
  if (row === null) return `no function has taken ${requestId} in yet`;
  const waits = row.waitingFor === null ? '' : `, waits: ${row.waitingFor}`;
  return `${requestId} is ${describeStanding(row)}${waits}`;
}

function again(requestId: string): string {
  return `autopilot show ${requestId} tells what becomes of it.`;
}

/** The clouds could not be asked how it ends. */
function unknown(text: string): RequestConclusion {
  return { status: EXIT_STATUS.unanswered, outcome: 'unknown', text };
}
