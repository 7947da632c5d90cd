import type { Phase } from './model.ts';

/** Colours for lines that people with any colour vision tell apart (Okabe and Ito); more backends begin again. */
const LINE_COLORS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];

/** The colour of the n-th backend. */
export function lineColor(index: number): string {
  return LINE_COLORS[index % LINE_COLORS.length] ?? '#000';
}

/** Behind black text. */
export const PHASE_COLORS: Readonly<Record<Phase, string>> = {
  joining: '#dbe4f0',
  ramping: '#fbe3b0',
  'in service': '#cfe8d3',
  draining: '#f6cfc8',
};

/** In px, as are all lengths of a chart. */
export const FONT = { text: 12, small: 11, title: 15 } as const;

/** Colours of what is neither a line nor a phase. */
export const INK = { text: '#1b1f24', faint: '#57606a', grid: '#e4e8ec', rule: '#8c959f' } as const;

/** About how wide a text of the chart's font will be: nothing here can measure it. */
export function widthOf(text: string, size: number): number {
  return text.length * size * 0.56;
}
