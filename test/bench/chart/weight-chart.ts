import { html } from 'hono/html';
import type { Phase, WeightPanel } from './model.ts';
import { drawPanel, panelHeight, type Svg } from './panel.ts';
import { FONT, INK, PHASE_COLORS, widthOf } from './style.ts';

const WIDTH = 1_000;
const TOP = 44;
const PANEL_GAP = 24;
const LEGEND_HEIGHT = 36;
const PHASES = Object.keys(PHASE_COLORS) as ReadonlyArray<Phase>;

/**
 * Weights over time as an SVG document, one panel below the other. Made with d3's scales and shapes: they need no
 * browser, weigh little, and leave to us where a label goes, which the libraries that draw whole charts do not.
 */
export async function renderWeightChart(title: string, panels: ReadonlyArray<WeightPanel>): Promise<string> {
  let y = TOP;
  const drawn: Array<Svg> = [];
  for (const panel of panels) {
    drawn.push(drawPanel(panel, y, WIDTH));
    y += panelHeight(panel) + PANEL_GAP;
  }
  const height = y + LEGEND_HEIGHT;
  const svg =
    await html`<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" fill="${INK.text}">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="16" y="28" font-size="18" font-weight="600">${title}</text>
${drawn}
${drawLegend(y)}
</svg>
`;
  return String(svg);
}

function drawLegend(y: number): Svg {
  let x = 16;
  const entries = PHASES.map((phase) => {
    const entry = html`<rect x="${x}" y="${y}" width="22" height="14" fill="${PHASE_COLORS[phase]}"/><text x="${x + 28}" y="${y + 12}" font-size="${FONT.small}">${phase}</text>`;
    x += 28 + widthOf(phase, FONT.small) + 22;
    return entry;
  });
  return html`<g>${entries}
<path d="M${x},${y + 3}l8,8m0,-8l-8,8" stroke="${INK.text}" stroke-width="2" fill="none"/><text x="${x + 16}" y="${y + 12}" font-size="${FONT.small}">removed from the group</text>
<text x="${x + 190}" y="${y + 12}" font-size="${FONT.small}" fill="${INK.faint}">lines of the same weight are drawn beside each other</text></g>`;
}
