import { describeError } from '../../../shared/errors.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Gives the order to each instance and tells what became of it: a line each, or with `isJson` one document
 * `{order, results: [{instanceId, ok, error, …answer}]}`. Throws CommandError when one of them was refused.
 */
export async function giveOrders<Answer extends object>(given: {
  readonly order: string;
  readonly instanceIds: ReadonlyArray<string>;
  readonly give: (instanceId: string) => Promise<Answer>;
  /** What the instance does now, for people. */
  readonly done: (answer: Answer) => string;
  readonly isJson: boolean;
  readonly terminal: Terminal;
}): Promise<void> {
  const { order, instanceIds, give, done, isJson, terminal } = given;
  const results: Array<{ readonly instanceId: string; readonly ok: boolean; readonly error: string | null }> =
    [];
  // One after the other: their order is the order of the command line.
  for (const instanceId of new Set(instanceIds)) {
    try {
      const answer = await give(instanceId);
      results.push({ instanceId, ok: true, error: null, ...answer });
      if (!isJson) terminal.out.write(`${instanceId} ${done(answer)}\n`);
    } catch (error) {
      results.push({ instanceId, ok: false, error: describeError(error) });
      if (!isJson) terminal.err.write(`${instanceId}: ${describeError(error)}\n`);
    }
  }
  if (isJson) terminal.out.write(`${JSON.stringify({ order, results })}\n`);
  if (results.some(({ ok }) => !ok)) throw new CommandError(EXIT_STATUS.failed, null);
}
