import { type Command, Option } from 'commander';
import type { Config } from '../../../shared/config/load.ts';
import type { Errand } from '../requests/carry-out.ts';
import type { Said } from '../requests/compose.ts';
import type { RequestDesk } from '../requests/desk.ts';
import { type Claim, KEY_VARIABLE } from '../requests/sign.ts';
import { interruption } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { SYSTEM_PACE } from '../watching.ts';
import { type PlaceOptions, readWait, WAIT_LIMIT_MS, withPlace } from './place-options.ts';

/** What every command that sends a request can be told. */
export interface SendOptions extends PlaceOptions, Claim {
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What every command that makes a request can be told. */
export interface RequestOptions extends SendOptions, Said {
  /** In place of instances. */
  readonly all?: true;
}

/** Adds who signs, how long to watch and where, and what the exit status says. */
export function withSending(command: Command): Command {
  return withPlace(command)
    .addOption(
      new Option('--key <file>', 'sign with this Ed25519 private key (PEM, without a passphrase)').env(
        KEY_VARIABLE,
      ),
    )
    .option('--key-id <id>', 'the id of the key in the configuration (default: found by the key)')
    .option('--no-wait', 'send the request and end at once')
    .addOption(
      new Option('--timeout <duration>', 'watch no longer than this')
        .argParser(readWait)
        .default(WAIT_LIMIT_MS, '10m'),
    )
    .addHelpText(
      'after',
      '\nOf this command: 0 done or foreseen, 1 refused or failed, 3 the clouds could not be asked, or nobody knows yet how it ends, 4 it waits for an approval. Who stops watching (Ctrl-C) does not stop the request.',
    );
}

/** Adds what says who asks, and why. */
export function withAuthor(command: Command): Command {
  return command
    .option('--reason <text>', 'why; it stands in the audit (required)')
    .option('--id <id>', 'the id of the request; a repeat under it is the same request (default: a new one)')
    .option('--as <name>', 'who asks (default: whose key it is, else the user of this machine)');
}

/** Adds what every kind of change can be told. */
export function withRequest(command: Command): Command {
  return withSending(
    withAuthor(command)
      .option('--not-before <time>', 'do nothing before, such as 2026-04-09T04:18:26Z')
      .option('--not-after <time>', 'begin nothing after')
      .option('--dry-run', 'have the functions say what would be done, and do nothing')
      .option('--plan-hash <hash>', 'only if the plan has this hash, as a dry run tells it'),
  );
}

/** Works with what carries requests out; Ctrl-C meanwhile only lets go of what is watched. */
export async function withErrand(
  { config, desk }: { readonly config: Config; readonly desk: RequestDesk },
  { wait, timeout, json }: SendOptions,
  terminal: Terminal,
  work: (errand: Errand) => Promise<void>,
): Promise<void> {
  const { signal, release } = interruption();
  try {
    await work({
      desk,
      policy: config,
      terminal,
      pace: SYSTEM_PACE,
      stop: signal,
      isJson: json === true,
      isWaiting: wait,
      limitMs: timeout,
    });
  } finally {
    release();
  }
}
