import type { QuarantineItem } from '../../../shared/acceptance/model.ts';
import { QUARANTINE_SPACE } from '../../../shared/acceptance/plan.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd } from '../place.ts';
import type { Desk } from './desk.ts';

/** Letters of a key that people see, behind what all keys begin with. */
const SHORT_CHARS = 10;
const SHORT_CHARS_MIN = 4;

/** The beginning of a key, to be read and typed. */
export function shortKey(key: string): string {
  const own = key.startsWith(QUARANTINE_SPACE) ? key.slice(QUARANTINE_SPACE.length) : key;
  return own.slice(0, SHORT_CHARS);
}

/** What a person calls by its key or the beginning of it. Throws CommandError: 2 when that is nothing, or several; 3 without an answer. */
export async function requireItem({ quarantine }: Desk, named: string): Promise<QuarantineItem> {
  const own = named.startsWith(QUARANTINE_SPACE) ? named.slice(QUARANTINE_SPACE.length) : named;
  if (!/^[0-9a-f]+$/.test(own) || own.length < SHORT_CHARS_MIN) {
    const text = `${JSON.stringify(named)} is no key: at least the first ${SHORT_CHARS_MIN} of its digits and letters a to f, as list shows them.`;
    throw new CommandError(EXIT_STATUS.wrong, text);
  }
  const found = await askOrEnd('the quarantine cannot be read', quarantine.find(`${QUARANTINE_SPACE}${own}`));
  const [item, ...others] = found;
  if (item === undefined) {
    throw new CommandError(EXIT_STATUS.wrong, `Nothing in quarantine has a key that begins with ${own}.`);
  }
  if (others.length > 0) {
    throw new CommandError(EXIT_STATUS.wrong, `${found.length} keys begin with ${own}; give more of it.`);
  }
  return item;
}
