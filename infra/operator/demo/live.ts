import { selectorTags } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import { playOpening } from '../../local/scenes/opening.ts';
import { seedPairs } from '../../local/scenes/seed-pairs.ts';
import { openStage } from '../../local/scenes/stage.ts';
import { requireConfig } from '../configuration.ts';
import { connectionOf, leaveNote, type NoteLeft } from '../local-connection.ts';
import { stopSignal, untilAborted } from '../stop-signal.ts';
import type { Screen, Terminal } from '../terminal.ts';
import { startLiveView } from './live-view.ts';
import { createProgress } from './progress.ts';

/** Settings of {@link runLive}. */
export interface LiveOptions {
  readonly configFile: string;
  /** `null` = another one each time. */
  readonly seed: number | null;
  readonly noteFile: string;
}

/** Short, so that a reader sees cause and effect together; timers fire when their expressions say. */
const STREAM_WINDOW_MS = 300;

const FOOTER = 'second terminal: npx autopilot local run-instances | stop | delete | scale | groups | --help';

/** Shows the product at work until the process is asked to stop; then stops everything that was started. */
export async function runLive({ configFile, seed, noteFile }: LiveOptions, { out }: Terminal): Promise<void> {
  const stop = stopSignal();
  const config = requireConfig(configFile);
  const progress = createProgress(out);
  const stage = await openStage({
    config,
    configFile,
    clouds: { streamTimings: { timeBasedWindowMs: STREAM_WINDOW_MS }, seed: seed ?? Date.now() },
    onProgress: progress.begin,
  });
  // Scenes put their own into the world.
  seedPairs(stage.clouds, config.pairs);
  progress.end();
  const note = leaveNote(noteFile, connectionOf(stage.clouds));
  try {
    const scalingGroups = stage.clouds.ess.groups().map(({ scalingGroupName }) => scalingGroupName);
    out.write(instructions(note, { ...config, scalingGroups }, out));
    const view = startLiveView(stage, out, FOOTER);
    try {
      await Promise.all([untilAborted(stop), playOpening(stage, stop)]);
    } finally {
      view.close();
    }
    out.write('\nStopping everything …\n');
  } finally {
    note.remove();
    await stage.close();
  }
}

function instructions(
  note: NoteLeft,
  {
    bindings,
    pairs,
    scalingGroups,
  }: Pick<Config, 'bindings' | 'pairs'> & { scalingGroups: ReadonlyArray<string> },
  { colors }: Screen,
): string {
  const ending = 'Ctrl-C stops everything.\n\n';
  if (note.otherPid !== null) {
    return `\nOrders from a second terminal go to the clouds of process ${note.otherPid}, which were there first.\n${ending}`;
  }
  const byTags = bindings.find(({ selector }) => selector.kind === 'tags');
  const tags = byTags === undefined ? [] : selectorTags(byTags.selector);
  const options = tags.map(({ key, value }) => ` --tag ${key}=${value}`).join('');
  const [scalingGroup] = scalingGroups;
  const orders = [
    ...(byTags === undefined ? [] : [`run-instances --count 3${options}`]),
    'stop i-…',
    'start i-…',
    'reboot i-…',
    'delete i-…',
    ...(scalingGroup === undefined
      ? []
      : [`scale ${scalingGroup} --by 10`, `scale ${scalingGroup} --by -4 --wait`]),
    'instances',
    'groups',
  ];
  const ofPairs = pairs.slice(0, 1).flatMap(({ name }) => [`promote ${name} --local`, 'pairs --local']);
  const lines = [...orders.map((order) => `local ${order}`), ...ofPairs].map(
    (order) => `  ${colors.bold(`npx autopilot ${order}`)}\n`,
  );
  return `\nIn a second terminal, in this folder:\n${lines.join('')}${ending}`;
}
