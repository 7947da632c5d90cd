import type { Stage } from '../../local/scenes/stage.ts';
import type { TimelineEntry } from '../../local/world/timeline.ts';
import { columnsOf, type Screen } from '../terminal.ts';
import { happeningOfLog } from './function-logs.ts';
import { groupTable } from './group-table.ts';
import { createGroupView } from './group-view.ts';
import { foldHappenings, happeningOfCall } from './happenings.ts';
import { pairLines } from './pair-view.ts';
import { scalingTable } from './scaling-table.ts';
import { seeScalingGroups } from './scaling-view.ts';
import type { Happening } from './telling.ts';

/** Shows what happens on a stage while it happens. */
export interface LiveView {
  /** Shows what has not been shown, and the tables a last time; nothing is shown afterwards. */
  close(): void;
}

/** Things that happen within this time are told together. */
const MOMENT_MS = 250;
/** Where the table cannot stay in place, it is printed when it has not changed for this long. */
const CALM_MS = 1_500;
const SECOND_MS = 1_000;
/** Rows of a table that is printed again and again; and of the last one. */
const PRINTED_ROWS_MAX = 12;
/** What the table of scaling groups has besides its rows. */
const HEAD_ROWS = 3;
const LAST_ROWS_MAX = 40;

/**
 * Begins to show the stage's timeline, a line for each thing, and its groups, scaling groups and pairs: below the timeline and always up
 * to date on an interactive screen, with the footer below it; printed after each change elsewhere.
 */
export function startLiveView(stage: Stage, screen: Screen, footer = ''): LiveView {
  const { clock, timeline, gate } = stage.clouds.foundation;
  const { colors } = screen;
  const groups = createGroupView(stage);
  let entries: Array<TimelineEntry> = [];
  let happenings: Array<Happening> = [];
  let moment: NodeJS.Timeout | null = null;
  let calm: NodeJS.Timeout | null = null;
  let shownTable = '';
  let panelRows = 0;
  let isClosed = false;

  const table = (rowsMax: number, nowMs: number | null) => {
    const scaling = seeScalingGroups(stage);
    const tables =
      stage.config.bindings.length === 0 ? [] : [groupTable(groups.groups(), { colors, rowsMax, nowMs })];
    if (scaling.length > 0) tables.push(scalingTable(scaling, { colors, nowMs }));
    // One line between two tables, the longer one.
    const joined = tables
      .join('\n')
      .replace(/^(─+) *\n(─+)/m, (_, above: string, below: string) =>
        above.length > below.length ? above : below,
      );
    return [...(joined === '' ? [] : [joined]), ...pairLines(stage, columnsOf(screen))].join('\n');
  };

  const drawPanel = (lines: string) => {
    const erase = panelRows === 0 ? '' : `\x1b[${panelRows}A\x1b[0J`;
    // The timeline keeps half of the screen.
    const scalingGroups = stage.clouds.ess.groups().length;
    const rowsMax =
      Math.floor(screen.size().rows / 2) -
      (scalingGroups === 0 ? 0 : scalingGroups + HEAD_ROWS) -
      stage.config.pairs.length;
    const panel = `${table(rowsMax, clock.nowMs())}\n${footer === '' ? '' : `${colors.dim(footer)}\n`}`;
    panelRows = panel.split('\n').length - 1;
    // A row that is too long must not become two, or the next erasing would miss one.
    screen.write(`${erase}${lines}\x1b[?7l${panel}\x1b[?7h`);
  };

  const printTable = (rowsMax: number) => {
    const printed = table(rowsMax, null);
    if (printed === shownTable) return;
    shownTable = printed;
    screen.write(`${printed}\n`);
  };

  const flush = () => {
    if (moment !== null) clearTimeout(moment);
    moment = null;
    // An order stands before what it leads to in the same millisecond.
    const all = [...happenings, ...foldHappenings(entries)].sort((a, b) => a.atMs - b.atMs);
    entries = [];
    happenings = [];
    const lines = all.map((happening) => `${lineOf(happening)}\n`).join('');
    if (screen.isInteractive) drawPanel(lines);
    else {
      screen.write(lines);
      if (calm !== null) clearTimeout(calm);
      calm = setTimeout(() => printTable(PRINTED_ROWS_MAX), CALM_MS);
    }
  };
  const soon = () => {
    if (!isClosed) moment ??= setTimeout(flush, MOMENT_MS);
  };
  const add = (happening: Happening | null) => {
    if (happening === null) return;
    happenings.push(happening);
    soon();
  };

  const lineOf = ({ atMs, who, text, tone }: Happening): string => {
    const time = colors.dim(timeOfDay(atMs));
    const paint = {
      headline: (words: string) => colors.bold(colors.cyan(words)),
      plain: (words: string) => words,
      quiet: colors.dim,
      good: colors.green,
      leaving: colors.yellow,
      bad: colors.red,
    }[tone];
    return `${time}  ${who.padEnd(8)}  ${paint(text)}`;
  };

  timeline.onEntry((entry) => {
    entries.push(entry);
    soon();
  });
  gate.onRecord((record) => add(happeningOfCall(record)));
  stage.clouds.host.onLog((line) => add(happeningOfLog(line, clock.nowMs())));
  // The drains' times go on by themselves.
  const everySecond = screen.isInteractive ? setInterval(() => drawPanel(''), SECOND_MS) : null;
  if (screen.isInteractive) drawPanel('');

  return {
    close() {
      if (isClosed) return;
      flush();
      isClosed = true;
      if (everySecond !== null) clearInterval(everySecond);
      if (moment !== null) clearTimeout(moment);
      if (calm !== null) clearTimeout(calm);
      if (!screen.isInteractive) printTable(LAST_ROWS_MAX);
    },
  };
}

function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const tenth = Math.floor(at.getMilliseconds() / 100);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${tenth}`;
}
