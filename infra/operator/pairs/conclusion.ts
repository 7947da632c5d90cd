import type { Pair } from '../../../shared/config/pair.ts';
import { isInForce, progressOf, remarksOn } from '../../../shared/pairs/progress.ts';
import {
  describeFailure,
  describeListeners,
  describeMembers,
  nameOfChange,
} from '../../../shared/pairs/words.ts';
import { EXIT_STATUS, type ExitStatus } from '../exit-status.ts';
import type { Colors } from '../terminal.ts';
import type { Followed } from './follow.ts';

/** How a command about a pair ends: for people, for programs, and as an exit status. */
export interface Conclusion {
  readonly status: ExitStatus;
  /** One word for programs. */
  readonly outcome: string;
  /** Sentences for people. */
  readonly text: string;
}

/** What a followed order came to. An order that is in force is done, whether or not the old group is gone. */
export function concludeOn(followed: Followed, pair: Pair, colors: Colors): Conclusion {
  const { name } = pair;
  switch (followed.kind) {
    case 'refused':
      return failed('refused', `${colors.red('refused')}: ${followed.reason}`);
    case 'noted':
      return done('noted', `${name}: ${followed.reason}`);
    case 'overtaken': {
      const { number, reason } = followed;
      const told = reason ?? 'how it ended is told by the audit only, which this key may not read';
      const text = `change ${number} of ${name} has ended, and another has begun since: ${told}`;
      return reason === null ? unknown(text) : endedAsTold(reason, text);
    }
    case 'ended': {
      const { saga } = followed;
      const what = `${nameOfChange(saga)} of ${name}`;
      if (saga.outcome !== 'done') {
        const outcome = saga.outcome ?? 'ended';
        const words = outcome === 'undone' ? 'was undone' : 'was given up';
        return failed(outcome, `${colors.red(`${what} ${words}`)}: ${describeFailure(saga)}`);
      }
      const left = saga.failure === null ? '' : `; left over: ${describeFailure(saga)}`;
      const remarks = remarksOn(saga).map((remark) => `\n${remark}`);
      return done(
        'done',
        `${colors.green(`${what} is in force`)}: ${describeMembers(saga.to)}, ${describeListeners(pair)} by ${saga.groupId}${left}${remarks.join('')}`,
      );
    }
    case 'time-is-up': {
      const { saga, why } = followed;
      const cause = why === null ? '' : ` (${why})`;
      if (saga === null) {
        return unknown(
          `nobody has answered yet${cause}. The order waits; autopilot pairs ${name} tells what becomes of it.`,
        );
      }
      const { done: steps, total, text, refused } = progressOf(saga);
      const told = `${nameOfChange(saga)} of ${name}: ${steps} of ${total}, ${text}${refused === null ? '' : `, ${refused}`}${cause}`;
      return isInForce(saga)
        ? done('done', `${told}. The functions go on with it.`)
        : unknown(`${told}. It goes on; autopilot pairs ${name} tells what becomes of it.`);
    }
  }
}

function endedAsTold(reason: string, text: string): Conclusion {
  return /^\S+ \d+ done\b/.test(reason) ? done('done', text) : failed('failed', text);
}

function done(outcome: string, text: string): Conclusion {
  return { status: EXIT_STATUS.ok, outcome, text };
}

function failed(outcome: string, text: string): Conclusion {
  return { status: EXIT_STATUS.failed, outcome, text };
}

/** The clouds could not be asked how it ended. */
function unknown(text: string): Conclusion {
  return { status: EXIT_STATUS.unanswered, outcome: 'unknown', text };
}
