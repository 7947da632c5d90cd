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
