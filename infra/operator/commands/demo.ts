import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_SCENE_NAME, SCENES } from '../../local/scenes/registry.ts';
import { DEFAULT_CONFIG_FILE } from '../configuration.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';
import { noteOption } from './note-option.ts';

interface DemoOptions {
  readonly once?: true;
  readonly scene?: string;
  readonly json?: true;
  readonly seed?: number;
  readonly config?: string;
  readonly note: string;
}

/** What a scene is played with where `--seed` is left out. */
const SCENE_SEED = 1;

/** `autopilot demo`, which is `npm start`. */
export function addDemoCommand(program: Command, terminal: Terminal): void {
  const names = [...SCENES.values()].map(({ name, title }) => `  ${name}: ${title}`);
  program
    .command('demo')
    .summary('show the product at work on the local clouds')
    .description(
      'Builds the functions, starts the local clouds on 127.0.0.1, deploys into them and shows what happens, until Ctrl-C. With --once: plays a scene, checks what came of it and ends by itself.',
    )
    .option('--once', 'play a scene and end')
    .option('--scene <name>', `the scene to play with --once (default: ${DEFAULT_SCENE_NAME})`)
    .option('--json', 'with --once: print the report as one JSON document')
    .option('--seed <n>', 'a whole number for the random numbers of the clouds', readSeed)
    .option(
      '--config <file>',
      `the configuration to show (default: ${DEFAULT_CONFIG_FILE}); scenes have their own`,
    )
    .addOption(noteOption())
    .addHelpText('after', `\nScenes:\n${names.join('\n')}`)
    .action(async (options: DemoOptions) => {
      refuseContradictions(options);
      if (options.once) await playScene(options, terminal);
      else {
        const configFile = resolve(options.config ?? DEFAULT_CONFIG_FILE);
        // Loaded when needed: the other commands must not wait for clouds and compilers.
        const { runLive } = await import('../demo/live.ts');
        await runLive({ configFile, seed: options.seed ?? null, noteFile: options.note }, terminal);
      }
    });
}

async function playScene({ scene: name = DEFAULT_SCENE_NAME, seed, json }: DemoOptions, terminal: Terminal) {
  const scene = SCENES.get(name);
  if (scene === undefined) {
    throw wrong(`There is no scene ${JSON.stringify(name)}. There are: ${[...SCENES.keys()].join(', ')}.`);
  }
  const { runOnce } = await import('../demo/once.ts');
  await runOnce({ scene, seed: seed ?? SCENE_SEED, json: json === true }, terminal);
}

/** An option that would be ignored is a misunderstanding. */
function refuseContradictions({ once, scene, json, config }: DemoOptions): void {
  if (once && config !== undefined) throw wrong('A scene has its own configuration: leave --config out.');
  if (!once && scene !== undefined) throw wrong('--scene goes with --once.');
  if (!once && json) throw wrong('--json goes with --once.');
}

function wrong(text: string): CommandError {
  return new CommandError(EXIT_STATUS.wrong, `${text}\n(--help tells more)`);
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('Allowed is a whole number.');
}
