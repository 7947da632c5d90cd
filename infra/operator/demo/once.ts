import type { SceneReport } from '../../local/scenes/report.ts';
import { runScene } from '../../local/scenes/run-scene.ts';
import type { Scene } from '../../local/scenes/scene.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { stopSignal } from '../stop-signal.ts';
import type { Screen, Terminal } from '../terminal.ts';
import { type LiveView, startLiveView } from './live-view.ts';
import { createProgress } from './progress.ts';

/** Settings of {@link runOnce}. */
export interface OnceOptions {
  readonly scene: Scene;
  readonly seed: number;
  /** The report is all that goes to standard output; what people want to see goes to standard error. */
  readonly json: boolean;
}

/** Plays a scene before the reader. Throws CommandError with status 1 when it did not come out as it must. */
export async function runOnce({ scene, seed, json }: OnceOptions, { out, err }: Terminal): Promise<void> {
  const screen = json ? err : out;
  const progress = createProgress(screen);
  let view: LiveView | null = null;
  screen.write(`Scene ${screen.colors.bold(scene.name)}: ${scene.title}\n`);
  const report = await runScene(scene, {
    seed,
    interrupt: stopSignal(),
    onProgress: progress.begin,
    onStage(stage) {
      progress.end();
      screen.write('\n');
      view = startLiveView(stage, screen);
    },
    onEnd: () => view?.close(),
  });
  if (json) out.write(`${JSON.stringify(report)}\n`);
  screen.write(told(report, screen));
  if (!report.ok) throw new CommandError(EXIT_STATUS.failed, null);
}

function told({ checks, failures, durationMs, callsPerApi, ok }: SceneReport, { colors }: Screen): string {
  const marks = checks.map(({ sentence, ok: holds, figures }) => {
    const counted = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
    const mark = holds ? colors.green('✓') : colors.red('✗');
    return `${mark} ${sentence}${counted.length === 0 ? '' : colors.dim(` (${counted.join(', ')})`)}`;
  });
  const calls = Object.entries(callsPerApi).map(([api, count]) => `${api} ${count}`);
  const duration = `${(durationMs / 1_000).toFixed(1)} s`;
  return [
    '',
    ...marks,
    '',
    colors.dim(`Calls of the functions: ${calls.join(', ')}`),
    ok ? colors.green(`Done in ${duration}.`) : colors.red(`Failed after ${duration}:`),
    ...failures.map((failure) => colors.red(`- ${failure}`)),
    '',
  ].join('\n');
}
