import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { isObject, type JsonObject } from '../../../shared/events/json.ts';
import { ALL_INSTANCES, type ChangeRequest } from '../../../shared/requests/document.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { carryOutRequest } from '../requests/carry-out.ts';
import { type Asked, composeRequest, newRequestId, OPTION_NAMES } from '../requests/compose.ts';
import { type Checked, checkDocument } from '../requests/faults.ts';
import { openRequests } from '../requests/open.ts';
import { identify, signedBy } from '../requests/sign.ts';
import type { Terminal } from '../terminal.ts';
import { whoAsks } from '../who-asks.ts';
import { REQUEST_KINDS, type RequestKind, withOwnOptions } from './request-kinds.ts';
import {
  type RequestOptions,
  type SendOptions,
  withErrand,
  withRequest,
  withSending,
} from './request-options.ts';

interface FileOptions extends SendOptions {
  readonly file?: string;
}

const STANDARD_INPUT = 0;

/** `autopilot request`: asks the functions for a change through their queue, and shows what becomes of it. */
export function addRequestCommand(program: Command, terminal: Terminal): void {
  const request: Command = withSending(program.command('request'))
    .summary('ask for a change: drain, remove, join, set-weight, promote, …')
    .description(
      'Sends a change request to the functions, signed where there is a key, and shows how it goes on until it has ended. With --file: one that is written already.',
    )
    .option(
      '--file <file>',
      'a whole request as JSON; - reads standard input. It is signed unless it is already',
    )
    // Without this, commander would complain about the number of arguments where a subcommand is misspelt.
    .allowExcessArguments()
    .hook('preSubcommand', (_, subcommand) => {
      const misplaced = request.options.find(
        (option) => request.getOptionValueSource(option.attributeName()) === 'cli',
      );
      if (misplaced === undefined) return;
      request.error(`error: ${misplaced.long ?? ''} goes behind ${subcommand.name()}`);
    })
    .action((options: FileOptions, { args: [unknown] }: Command) => {
      if (unknown !== undefined) request.error(`error: unknown command '${unknown}'`);
      const { file } = options;
      if (file === undefined) request.error('error: a kind of change is needed, or --file');
      else return sendFile(file, options, terminal);
    });
  for (const each of REQUEST_KINDS) addKind(request, each, terminal);
}

function addKind(request: Command, each: RequestKind, terminal: Terminal): void {
  const { kind, of, summary, description, takesAll } = each;
  const command = request.command(kind).summary(summary).description(description);
  if (of === 'pair') command.argument('<pair>', 'its name in the configuration');
  else {
    command.argument('<binding>', 'its name in the configuration');
    command.argument(takesAll === true ? '[instances...]' : '<instances...>', 'such as i-bp1…');
  }
  withRequest(withOwnOptions(command, each)).action(
    (...given: [string, ReadonlyArray<string>, RequestOptions] | [string, RequestOptions]) => {
      // Commander hands over the command itself behind the options.
      if (of === 'pair') {
        const [pair, options] = given as [string, RequestOptions];
        return send({ kind, pair }, options, terminal);
      }
      const [binding, instances, options] = given as [string, ReadonlyArray<string>, RequestOptions];
      const isAll = options.all === true;
      if (isAll && instances.length > 0) command.error('error: either instances or --all');
      if (!isAll && instances.length === 0) command.error('error: instances are needed, or --all');
      return send({ kind, binding, instances: isAll ? ALL_INSTANCES : instances }, options, terminal);
    },
  );
}

async function send(asked: Asked, options: RequestOptions, terminal: Terminal): Promise<void> {
  const place = await openRequests(options);
  const { config, desk } = place;
  const identity = identify(options, config.requests, whoAsks());
  const requestId = newRequestId(desk.clock.nowMs(), desk.newId());
  const document = composeRequest(asked, options, { requestId, requestedBy: identity.requestedBy });
  const request = signedBy(requireSound(checkDocument(document, OPTION_NAMES)), identity);
  await withErrand(place, options, terminal, (errand) => carryOutRequest(errand, request));
}

async function sendFile(file: string, options: FileOptions, terminal: Terminal): Promise<void> {
  const document = readDocument(file);
  const written = requireSound(checkDocument(document, {}));
  const place = await openRequests(options);
  const isSigned = written.signature !== undefined;
  const request = isSigned
    ? written
    : signedBy(written, identify({ ...options, as: written.requestedBy }, place.config.requests, whoAsks()));
  await withErrand(place, options, terminal, (errand) => carryOutRequest(errand, request));
}

/** Nothing of the text is repeated in an error: it might be a key, or hold one. */
function readDocument(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CommandError(EXIT_STATUS.wrong, `The file of the request cannot be read (${code}).`);
  }
  try {
    const document: unknown = JSON.parse(text);
    if (isObject(document)) return document;
  } catch {
    // Whatever it is, it is not what is asked for.
  }
  throw new CommandError(EXIT_STATUS.wrong, 'The file of the request holds no JSON object.');
}

/** Throws CommandError with 2 that tells every fault. */
function requireSound(checked: Checked): ChangeRequest {
  if (checked.kind === 'request') return checked.request;
  throw new CommandError(EXIT_STATUS.wrong, checked.faults.join('\n'));
}
