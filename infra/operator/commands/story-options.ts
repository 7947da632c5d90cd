import { InvalidArgumentError, Option } from 'commander';

const LAST_MAX = 5_000;

/** `--last N`: how many entries are shown at most. */
export function lastOption(byDefault: number): Option {
  return new Option('--last <n>', 'no more than the last so many entries')
    .argParser(readLast)
    .default(byDefault);
}

/** Whole, from 1 to what somebody could still read. */
function readLast(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= LAST_MAX) return count;
  throw new InvalidArgumentError(`Allowed is a whole number from 1 to ${LAST_MAX}.`);
}
