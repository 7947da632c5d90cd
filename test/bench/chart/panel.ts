import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { html } from 'hono/html';
import type { PhaseSpan, WeightPanel, WeightSeries, WeightStep } from './model.ts';
import { FONT, INK, lineColor, PHASE_COLORS, widthOf } from './style.ts';

/** A piece of SVG. */
export type Svg = ReturnType<typeof html>;

const PLOT_HEIGHT = 200;
const STRIP_HEIGHT = 20;
const STRIP_GAP = 4;
const HEAD_HEIGHT = 46;
/** A line of texts for what happened, above the plot. */
const MARK_HEIGHT = 16;
const AXIS_HEIGHT = 44;
const LEFT = 150;
const RIGHT = 112;
/** Lines of the same weight are drawn this far apart, so that each is seen. */
const LINE_APART = 3;
const WEIGHT_MAX = 100;

/** Distances of time labels, in seconds: the first one that leaves them room is taken. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];
const TIME_LABELS_MAX = 14;

interface Frame {
  readonly panel: WeightPanel;
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  /** Top and bottom of the plot, and the bottom of the phases. */
  readonly top: number;
  readonly bottom: number;
  readonly end: number;
}

/** How high a panel is. */
export function panelHeight(panel: WeightPanel): number {
  return frameOf(panel, 0, 0).end + AXIS_HEIGHT;
}

/** Draws a panel with its top edge at `topY`, over the whole width. */
export function drawPanel(panel: WeightPanel, topY: number, width: number): Svg {
  const frame = frameOf(panel, topY, width);
  const { x, bottom, end } = frame;
  return html`<g>
<text x="16" y="${topY + 16}" font-size="${FONT.title}" font-weight="600">${panel.title}</text>
<text x="16" y="${topY + 34}" font-size="${FONT.text}" fill="${INK.faint}">${panel.note}</text>
${timesOf(panel).map((atMs) => drawTime(frame, atMs))}
${y0To100().map((weight) => drawWeight(frame, weight))}
<text x="${LEFT - 40}" y="${(frame.top + bottom) / 2}" font-size="${FONT.text}" fill="${INK.faint}" text-anchor="middle" transform="rotate(-90 ${LEFT - 40} ${(frame.top + bottom) / 2})">weight (0–100)</text>
${panel.levels.map((level) => drawLevel(frame, level))}
${panel.marks.map((mark, index) => drawMark(frame, mark, index))}
${panel.series.map((series, index) => drawSeries(frame, series, index))}
<text x="${(x(panel.fromMs) + x(panel.toMs)) / 2}" y="${end + 36}" font-size="${FONT.text}" fill="${INK.faint}" text-anchor="middle">time (min:s)</text>
</g>`;
}

function frameOf(panel: WeightPanel, topY: number, width: number): Frame {
  const top = topY + HEAD_HEIGHT + panel.marks.length * MARK_HEIGHT + 8;
  const bottom = top + PLOT_HEIGHT;
  return {
    panel,
    top,
    bottom,
    end: bottom + 12 + panel.series.length * (STRIP_HEIGHT + STRIP_GAP),
    x: scaleLinear([panel.fromMs, panel.toMs], [LEFT, width - RIGHT]),
    y: scaleLinear([0, WEIGHT_MAX], [bottom - 6, top + 6]),
  };
}

function timesOf({ fromMs, toMs }: WeightPanel): ReadonlyArray<number> {
  const seconds = (toMs - fromMs) / 1_000;
  const step = TIME_STEPS.find((each) => seconds / each <= TIME_LABELS_MAX) ?? seconds;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => fromMs + index * step * 1_000);
}

function y0To100(): ReadonlyArray<number> {
  return [0, 25, 50, 75, WEIGHT_MAX];
}

function drawTime({ x, top, end, panel }: Frame, atMs: number): Svg {
  return html`<line x1="${x(atMs)}" x2="${x(atMs)}" y1="${top}" y2="${end}" stroke="${INK.grid}"/>
<text x="${x(atMs)}" y="${end + 16}" font-size="${FONT.small}" fill="${INK.faint}" text-anchor="middle">${clockText(atMs - panel.fromMs)}</text>`;
}

function clockText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function drawWeight({ x, y, panel }: Frame, weight: number): Svg {
  return html`<line x1="${x(panel.fromMs)}" x2="${x(panel.toMs)}" y1="${y(weight)}" y2="${y(weight)}" stroke="${INK.grid}"/>
<text x="${LEFT - 8}" y="${y(weight) + 4}" font-size="${FONT.small}" fill="${INK.faint}" text-anchor="end">${weight}</text>`;
}

function drawLevel({ x, y, panel }: Frame, { weight, text }: WeightPanel['levels'][number]): Svg {
  return html`<line x1="${x(panel.fromMs)}" x2="${x(panel.toMs)}" y1="${y(weight)}" y2="${y(weight)}" stroke="${INK.rule}" stroke-dasharray="2 3"/>
<text x="${x(panel.toMs) + 6}" y="${y(weight) + 4}" font-size="${FONT.small}">${text}</text>`;
}

/** The earliest is the highest, so that no rule runs through the text of another one. */
function drawMark(
  { x, top, bottom, panel }: Frame,
  { atMs, text }: WeightPanel['marks'][number],
  index: number,
): Svg {
  const textY = top - 4 - (panel.marks.length - 1 - index) * MARK_HEIGHT;
  const isNearEnd = x(atMs) + widthOf(text, FONT.small) > x(panel.toMs) + RIGHT;
  return html`<line x1="${x(atMs)}" x2="${x(atMs)}" y1="${textY - 10}" y2="${bottom}" stroke="${INK.rule}"/>
<text x="${isNearEnd ? x(atMs) - 4 : x(atMs) + 4}" y="${textY}" font-size="${FONT.small}" text-anchor="${isNearEnd ? 'end' : 'start'}">${text}</text>`;
}

function drawSeries(frame: Frame, series: WeightSeries, index: number): Svg {
  const { panel, x, y, bottom } = frame;
  const color = lineColor(index);
  const shift = (index - (panel.series.length - 1) / 2) * LINE_APART;
  const path = line<WeightStep>()
    .defined(({ weight }) => weight !== null)
    .x(({ atMs }) => x(atMs))
    .y(({ weight }) => y(weight ?? 0) + shift)
    .digits(1)(drawnSteps(panel, series.steps));
  const stripY = bottom + 12 + index * (STRIP_HEIGHT + STRIP_GAP);
  return html`<path d="${path ?? ''}" fill="none" stroke="${color}" stroke-width="2"/>
${removals(panel, series.steps).map(({ atMs, weight }) => drawRemoval(x(atMs), y(weight) + shift, color))}
<rect x="16" y="${stripY + 5}" width="10" height="10" fill="${color}"/>
<text x="32" y="${stripY + 14}" font-size="${FONT.small}">${series.name}</text>
${series.phases.map((span) => drawPhase(frame, span, stripY))}`;
}

/** Beginning and end of each level that lies in the panel's time; the last one lasts until the end. */
function drawnSteps({ fromMs, toMs }: WeightPanel, steps: ReadonlyArray<WeightStep>): Array<WeightStep> {
  return steps.flatMap(({ atMs, weight }, index) => {
    const endMs = Math.min(steps[index + 1]?.atMs ?? toMs, toMs);
    const beginMs = Math.max(atMs, fromMs);
    if (endMs <= beginMs) return [];
    return [
      { atMs: beginMs, weight },
      { atMs: endMs, weight },
    ];
  });
}

function removals(
  { fromMs, toMs }: WeightPanel,
  steps: ReadonlyArray<WeightStep>,
): ReadonlyArray<{ atMs: number; weight: number }> {
  return steps.flatMap(({ atMs, weight }, index) => {
    const before = steps[index - 1]?.weight ?? null;
    return weight === null && before !== null && atMs >= fromMs && atMs <= toMs
      ? [{ atMs, weight: before }]
      : [];
  });
}

function drawRemoval(x: number, y: number, color: string): Svg {
  return html`<path d="M${x - 4},${y - 4}l8,8m0,-8l-8,8" stroke="${color}" stroke-width="2" fill="none"/>`;
}

function drawPhase({ panel, x }: Frame, { phase, fromMs, toMs }: PhaseSpan, stripY: number): Svg {
  const beginMs = Math.max(fromMs, panel.fromMs);
  const endMs = Math.min(toMs, panel.toMs);
  if (endMs <= beginMs) return html``;
  const width = x(endMs) - x(beginMs);
  const hasRoom = widthOf(phase, FONT.small) + 8 < width;
  return html`<rect x="${x(beginMs)}" y="${stripY}" width="${width}" height="${STRIP_HEIGHT}" fill="${PHASE_COLORS[phase]}"><title>${phase}</title></rect>
${hasRoom ? html`<text x="${x(beginMs) + 4}" y="${stripY + 14}" font-size="${FONT.small}">${phase}</text>` : ''}`;
}
