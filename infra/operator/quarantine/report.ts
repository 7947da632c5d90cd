import type { QuarantineItem } from '../../../shared/acceptance/model.ts';
import { isWhole, planReplay } from '../../../shared/acceptance/replay.ts';
import { instant, roughly } from '../../../shared/times.ts';
import { printable, renderTable, wrapped } from '../table.ts';
import type { Screen } from '../terminal.ts';
import { shortKey } from './keys.ts';
import type { Replayed } from './replay.ts';

const TEXT_CHARS = 60;
/** A key, an age, and what is between the columns. */
const OTHER_COLUMNS = 10 + 7 + 2 * 3;
const LABEL_COLUMNS = 10;

/** What is in quarantine, as a table. */
export function describeList(
  items: ReadonlyArray<QuarantineItem>,
  nowMs: number,
  { colors, size }: Screen,
): string {
  if (items.length === 0) return 'Nothing is in quarantine.\n';
  const columns = Math.max(TEXT_CHARS, size().columns - OTHER_COLUMNS - 3);
  const rows = items.map((item) => [
    colors.bold(shortKey(item.key)),
    roughly(nowMs - item.atMs),
    `${wrapped(printable(item.reason), columns)}\n${colors.dim(beginningOf(item.text))}`,
  ]);
  return `${renderTable(['key', 'age', 'reason, and how it begins'], rows, colors)}\n`;
}

/** The first characters of a text on one line, whatever they are. */
export function beginningOf(text: string): string {
  const line = printable(text.slice(0, 2 * TEXT_CHARS))
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length <= TEXT_CHARS ? line : `${line.slice(0, TEXT_CHARS - 1)}…`;
}

/** All that is known of one message, with the original text. */
export function describeItem(item: QuarantineItem, nowMs: number, { colors, size }: Screen): string {
  const { key, reason, text, messageId, atMs } = item;
  const line = (label: string, said: string) =>
    wrapped(said, Math.max(40, size().columns - LABEL_COLUMNS))
      .split('\n')
      .map((part, index) => `${(index === 0 ? label : '').padEnd(LABEL_COLUMNS)}${part}`)
      .join('\n');
  const plan = planReplay(item);
  const today =
    plan.kind === 'refused'
      ? colors.yellow(line('today', `still not to be worked with: ${plan.reason}`))
      : colors.green(
          line('today', `understood; replay puts it onto the queue for ${placesOf(plan.messages)}`),
        );
  return [
    line('key', key),
    line('put aside', `${instant(atMs)}, ${roughly(nowMs - atMs)} ago`),
    line('reason', printable(reason)),
    today,
    line('message', messageId ?? 'without an id'),
    line(
      'text',
      `${text.length} characters${isWhole(item) ? '' : ', only the beginning of it: the rest was not kept'}`,
    ),
    '',
    printable(text),
    '',
  ].join('\n');
}

function placesOf(messages: ReadonlyArray<{ readonly place: string }>): string {
  return [...new Set(messages.map(({ place }) => place))].join(', ');
}

/** What became of a replay, in one sentence. */
export function describeReplayed({ key }: QuarantineItem, replayed: Replayed, { colors }: Screen): string {
  const name = colors.bold(shortKey(key));
  switch (replayed.kind) {
    case 'replayed':
      return `${name} ${colors.green('is back on the queue')} for ${replayed.places.join(', ')}`;
    case 'again':
      return `${name} ${colors.yellow('was put back onto the queue, and the functions have put it aside again')}: they do not understand what this release does`;
    case 'refused':
      return `${name} ${colors.yellow('stays')}: ${replayed.reason}`;
    case 'failed':
      return `${name} ${colors.red('failed')}: ${replayed.reason}; it stays, and another replay does no harm`;
  }
}
