import { EXIT_STATUS, type ExitStatus } from '../exit-status.ts';
import type { Colors } from '../terminal.ts';
import type { FollowedPlan } from './follow.ts';
import type { ChangeStanding } from './progress.ts';

/** How `apply` ends: as an exit status, one word for programs, and sentences for people. */
export interface PlanConclusion {
  readonly status: ExitStatus;
  readonly outcome: 'done' | 'held' | 'failed' | 'unknown';
  readonly text: string;
}

/** What a followed plan came to. */
export function concludeOnPlan(
  { kind, standings, ...followed }: FollowedPlan,
  colors: Colors,
): PlanConclusion {
  const of = (wanted: ChangeStanding['kind']) => standings.filter((each) => each.kind === wanted);
  const done = `${of('done').length} of ${standings.length}`;
  if (kind !== 'ended') {
    const why = 'why' in followed && followed.why !== null ? ` (${followed.why})` : '';
    const watched = kind === 'detached' ? 'Not watched any more' : 'Its time is up';
    const text = `${watched}: ${done} done so far${why}. It goes on; autopilot plan and autopilot status tell how.`;
    return { status: EXIT_STATUS.unanswered, outcome: 'unknown', text };
  }
  const [failed, held] = [of('failed'), of('held')];
  if (failed.length === 0 && held.length === 0) {
    return { status: EXIT_STATUS.ok, outcome: 'done', text: `${colors.green('done')}: ${done}.` };
  }
  return {
    status: EXIT_STATUS.failed,
    outcome: failed.length > 0 ? 'failed' : 'held',
    text: [
      `${colors.red(failed.length > 0 ? 'failed' : 'held')}: ${done} done; not in force:`,
      ...[...failed, ...held].map(({ subject, text }) => `  ${subject}  ${text}`),
    ].join('\n'),
  };
}
