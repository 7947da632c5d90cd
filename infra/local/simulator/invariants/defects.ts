import type { MakeInvariant } from './invariant.ts';

const DEFECT = /^(?:TypeError|RangeError|ReferenceError|SyntaxError|ZodError|InvariantError)\b/;

/** D: nothing fails for a reason that is no cloud's and no other worker's. */
export const defects: MakeInvariant = (_scene, violate) => ({
  said(worker, level, message, stack) {
    if (level !== 'error') return;
    if (
      DEFECT.test(stack) ||
      /InvariantError|of our shape|no INTEGER|a defect of slb-autopilot/.test(message)
    ) {
      violate(`${worker} says: ${message} (${stack.split('\n').slice(0, 3).join(' ')})`);
    }
  },
});
