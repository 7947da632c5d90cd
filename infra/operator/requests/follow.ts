import type { RequestKey, RequestResult, RequestRow } from '../../../shared/requests/model.ts';
import type { RequestReader } from '../../../shared/requests/ports.ts';
import type { Lines } from '../lines.ts';
import type { Screen } from '../terminal.ts';
import { type Look, type Pace, watch } from '../watching.ts';
import { describePhase } from './words.ts';

/** What became of a request while somebody watched. */
export type FollowedRequest =
  | { readonly kind: 'ended'; readonly row: RequestRow; readonly result: RequestResult }
  | { readonly kind: 'awaiting-approval'; readonly row: RequestRow }
  /** The time was up; `row` = as it was last seen, `null` = nobody has taken it in. `why` = the last look failed. */
  | { readonly kind: 'time-is-up'; readonly row: RequestRow | null; readonly why: string | null }
  /** Nobody watches any more. */
  | { readonly kind: 'detached'; readonly row: RequestRow | null };

/** How a request is watched. */
export interface RequestWatch {
  readonly requests: RequestReader;
  readonly key: RequestKey;
  readonly screen: Screen;
  readonly pace: Pace;
  readonly limitMs: number;
  /** `null` = nobody can let go of it. */
  readonly stop: AbortSignal | null;
  /** It has just been approved: that it still waits for it is no end. */
  readonly isApproved: boolean;
}

/** Looks at the request's row until it has ended, or waits for somebody who must approve it. */
export async function followRequest(following: RequestWatch): Promise<FollowedRequest> {
  const { requests, key, isApproved } = following;
  let row: RequestRow | null = null;
  const watched = await watch<FollowedRequest>({
    ...following,
    subject: `the request ${key.requestId}`,
    async look(lines) {
      const rows = await requests.byId(key.requestId);
      row = rows.find(({ payloadHash }) => payloadHash === key.payloadHash) ?? null;
      if (row === null) return untaken(rows.length > 0);
      if (row.result !== null) {
        return { kind: 'ended', end: { kind: 'ended', row, result: row.result } };
      }
      if (row.phase === 'awaiting-approval' && !isApproved) {
        return { kind: 'ended', end: { kind: 'awaiting-approval', row } };
      }
      return tell(lines, row);
    },
  });
  switch (watched.kind) {
    case 'ended':
      return watched.end;
    case 'time-is-up':
      return { kind: 'time-is-up', row, why: watched.why };
    case 'stopped':
      return { kind: 'detached', row };
  }
}

type GoingOn = Look<FollowedRequest>;

function untaken(isIdTaken: boolean): GoingOn {
  const other = isIdTaken ? ' Another request has come under this id.' : '';
  return {
    kind: 'going-on',
    remark: 'waiting for a function to take the request in',
    slow: `nobody has taken the request in; does the function slb-autopilot-change-requests run? Its log tells.${other}`,
  };
}

function tell(lines: Lines, row: RequestRow): GoingOn {
  const { phase, waitingFor, notBeforeMs } = row;
  const standing = describePhase(row);
  lines.add(standing);
  if (waitingFor !== null) lines.add(`waits: ${waitingFor}`);
  const isIdle = phase === 'received' && waitingFor === null && notBeforeMs === null;
  return {
    kind: 'going-on',
    remark: `${standing}${waitingFor === null ? '' : `: ${waitingFor}`} …`,
    slow: isIdle ? 'nobody works on it; does the function slb-autopilot-tick run? Its log tells.' : null,
  };
}
