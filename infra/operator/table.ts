import Table from 'cli-table3';
import type { Colors } from './terminal.ts';

/** A table of texts with a head, for people; as wide as its content. */
export function renderTable(
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  colors: Colors,
): string {
  const table = new Table({
    head: head.map((title) => colors.bold(title)),
    chars: {
      top: '─',
      'top-mid': '─',
      'top-left': '',
      'top-right': '',
      bottom: '─',
      'bottom-mid': '─',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: ' ',
    },
    // Colours are ours to decide, not the library's.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** The text on lines of at most so many columns, cut between words; a longer word has a line of its own. */
export function wrapped(text: string, columns: number): string {
  const lines: Array<string> = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/** Sentences cut between words where they are wider; lines that begin with a space are lists and commands, and stay as they are. */
export function wrappedSentences(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith(' ') ? line : wrapped(line, columns)))
    .join('\n');
}

/** A label and what belongs to it beside it, on as many lines of `columns` as it takes. */
export function labelled(label: string, text: string, labelColumns: number, columns: number): string {
  return text
    .split('\n')
    .flatMap((part) => wrapped(part, columns).split('\n'))
    .map((part, index) => `${(index === 0 ? label : '').padEnd(labelColumns)}${part}`)
    .join('\n');
}

/** A text of anybody's with nothing in it that a terminal would obey; lines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd');
}
