import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { WeightPanel } from './model.ts';
import { renderWeightChart } from './weight-chart.ts';

const MINUTE_MS = 60_000;

function aPanel(overrides: Partial<WeightPanel> = {}): WeightPanel {
  return {
    title: 'Ramp',
    note: 'as it was',
    fromMs: 10 * MINUTE_MS,
    toMs: 14 * MINUTE_MS,
    series: [
      {
        name: 'instance A',
        steps: [
          { atMs: 11 * MINUTE_MS, weight: 0 },
          { atMs: 12 * MINUTE_MS, weight: 100 },
        ],
        phases: [{ phase: 'joining', fromMs: 11 * MINUTE_MS, toMs: 12 * MINUTE_MS }],
      },
    ],
    levels: [],
    marks: [],
    ...overrides,
  };
}

/** The points of each line: `x,y`, with gaps as `/`. */
function linesIn(svg: string): ReadonlyArray<string> {
  return [...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="[^"]+" stroke-width="2"\/>/g)].map(
    ([, path = '']) =>
      path
        .split(/(?=[ML])/)
        .map((point) => point.replace('M', '/ ').replace('L', ''))
        .join(' '),
  );
}

const numbersOf = (line: string) => (line.match(/[\d.]+/g) ?? []).map(Number);

describe('a chart of weights', () => {
  it('is well-formed whatever its texts hold', async () => {
    const hostile = '<script>"&\'</script>';
    const svg = await renderWeightChart(hostile, [
      aPanel({ title: hostile, note: hostile, marks: [{ atMs: 11 * MINUTE_MS, text: hostile }] }),
    ]);

    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).not.toContain('<script>');
    expect(new XMLParser({ htmlEntities: true }).parse(svg).svg.title).toBe(hostile);
  });

  it('draws a weight as a level that holds until the next one, to the end of its time', async () => {
    const [line = ''] = linesIn(await renderWeightChart('t', [aPanel()]));
    const [fromX = 0, zeroY = 0, toX, sameY, upX = 0, fullY = 0, endX = 0, endY] = numbersOf(line);

    expect(numbersOf(line).length).toBe(8);
    expect([toX, sameY]).toEqual([upX, zeroY]);
    expect(fullY).toBeLessThan(zeroY);
    expect(endY).toBe(fullY);
    // A minute at weight 0, two at full weight.
    expect((endX - upX) / (upX - fromX)).toBeCloseTo(2, 1);
  });

  it('leaves a gap where a backend is not in its group, and marks its removal', async () => {
    const [series] = aPanel().series;
    const steps = [
      { atMs: 10 * MINUTE_MS, weight: 100 },
      { atMs: 11 * MINUTE_MS, weight: null },
      { atMs: 13 * MINUTE_MS, weight: 100 },
    ];
    const gone = { name: 'instance A', phases: [], ...series, steps };
    const with1 = await renderWeightChart('t', [aPanel({ series: [gone] })]);
    const without = await renderWeightChart('t', [aPanel()]);

    expect(linesIn(with1)[0]?.split('/').length).toBe(3);
    const crosses = (svg: string) => svg.match(/m0,-8l-8,8/g)?.length;
    expect(crosses(with1)).toBe((crosses(without) ?? 0) + 1);
  });

  it('leaves out what was before and after its time', async () => {
    const long = aPanel({ fromMs: 11.5 * MINUTE_MS, toMs: 13 * MINUTE_MS });
    const whole = numbersOf(linesIn(await renderWeightChart('t', [aPanel()]))[0] ?? '');
    const part = numbersOf(linesIn(await renderWeightChart('t', [long]))[0] ?? '');

    expect(Math.max(...part.filter((_, index) => index % 2 === 0))).toBe(
      Math.max(...whole.filter((_, index) => index % 2 === 0)),
    );
    expect(part[0]).toBeLessThan(whole[0] ?? 0);
  });
});
