import { HookDecisions } from './hook-decisions.ts';
import { HookTimeouts } from './hook-timeouts.ts';
import { isTick, type MakeInvariant } from './invariant.ts';
import { SentAnswers } from './sent-answers.ts';

/**
 * I6: what is answered to a lifecycle hook is recorded first and stays the same ({@link SentAnswers}); nobody leaves before
 * its drain has ended and nobody is let in who does not serve, but by what the configuration says of hooks whose time is up
 * ({@link HookDecisions}); and no hook of ours runs into its timeout while it could be answered ({@link HookTimeouts}).
 */
export const hooks: MakeInvariant = (scene, violate) => {
  const answers = new SentAnswers(scene, violate);
  const decisions = new HookDecisions(scene, violate);
  const timeouts = new HookTimeouts(scene, violate);
  return {
    sent(call) {
      if (call.travel.product === 'ess') answers.sent(call);
      timeouts.sent(call);
    },
    landed(call) {
      if (call.travel.product === 'ess') answers.landed(call);
      timeouts.landed(call);
    },
    heard: (call, answer) => timeouts.heard(call, answer),
    rowWritten: (change, by) => decisions.rowWritten(change, by),
    began: (worker, invocation) => timeouts.began(worker, isTick(invocation)),
    finished: (worker, invocation, isTaken) => timeouts.finished(worker, isTick(invocation) && isTaken),
  };
};
