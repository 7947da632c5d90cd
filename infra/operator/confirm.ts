import { createInterface } from 'node:readline/promises';
import { CommandError, EXIT_STATUS } from './exit-status.ts';
import type { Screen } from './terminal.ts';

/**
 * Asks whoever sits at the terminal; only `yes` means yes. Throws CommandError with 2 where nobody sits there: then
 * `--yes` has to say it.
 */
export async function confirmed(question: string, screen: Screen): Promise<boolean> {
  if (!screen.isInteractive || process.stdin.isTTY !== true) {
    throw new CommandError(EXIT_STATUS.wrong, 'Nobody can be asked here: --yes goes ahead without asking.');
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new AbortController();
  // The end of the input, and Ctrl-C, are no answer.
  asking.once('close', () => closed.abort());
  try {
    const answer = await asking.question(`${question} Only yes goes ahead: `, { signal: closed.signal });
    return answer.trim() === 'yes';
  } catch {
    screen.write('\n');
    return false;
  } finally {
    asking.close();
  }
}
