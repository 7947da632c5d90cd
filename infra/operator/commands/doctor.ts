import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../../../shared/config/faults.ts';
import { type Config, loadConfig } from '../../../shared/config/load.ts';
import { DEFAULT_CONFIG_FILE, wrongConfiguration } from '../configuration.ts';
import { type CloudsConnection, connectionOfLocalClouds, connectionOfVariables } from '../connection.ts';
import { configurationFindings } from '../doctor/checks/configuration.ts';
import { diagnose, notesOn } from '../doctor/diagnose.ts';
import { type Finding, NOT_CHECKED } from '../doctor/model.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';
import { describeFindings } from './doctor-report.ts';
import { noteOption } from './note-option.ts';

interface DoctorOptions {
  readonly config: string;
  readonly local?: true;
  readonly json?: true;
  readonly note: string;
}

/** `autopilot doctor`: asks the clouds about a deployment and says what will not work, with the fix. Changes nothing. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .summary('look at a deployment and say what will not work')
    .description(
      'Reads the configuration, asks the clouds about all that it names, and says what will not work or not as meant, with the numbers and what to do. It changes nothing. Clouds and key are taken from the environment, as the functions take them (shared/config/README.md); the key from ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN.',
    )
    .option('--config <file>', 'the configuration', DEFAULT_CONFIG_FILE)
    .option('--local', 'ask the local clouds that are running')
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .addHelpText(
      'after',
      '\nOf this command: 0 nothing is wrong, 1 errors were found, 3 no errors, but the clouds could not be asked everything.',
    )
    .action((options: DoctorOptions) => look(options, terminal));
}

async function look(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const file = resolve(options.config);
  const { config, connection } = readOrTell(file, options, terminal);
  // Loaded when needed: the other commands must not wait for the adapters.
  const [{ gather }, { openSources }, { areFunctionsInVpc }] = await Promise.all([
    import('../doctor/gather.ts'),
    import('../doctor/sources.ts'),
    import('../doctor/service-file.ts'),
  ]);
  const isInVpc = areFunctionsInVpc(dirname(file));
  const facts = await gather(config, connection.accountId, openSources(config, connection), isInVpc);
  const findings = diagnose(facts);
  const notes = notesOn(facts);
  const status = statusOf(findings);
  if (options.json) {
    const ok = status === EXIT_STATUS.ok;
    const { regionId } = config;
    terminal.out.write(
      `${JSON.stringify({ ok, file, regionId, accountId: connection.accountId, findings, notes })}\n`,
    );
  } else terminal.out.write(describeFindings(config, findings, notes, terminal.out.colors));
  if (status !== EXIT_STATUS.ok) throw new CommandError(status, null);
}

/** Errors that were found count before questions without an answer. */
function statusOf(findings: ReadonlyArray<Finding>) {
  if (findings.some(({ severity }) => severity === 'error')) return EXIT_STATUS.failed;
  return findings.some(({ check }) => check === NOT_CHECKED) ? EXIT_STATUS.unanswered : EXIT_STATUS.ok;
}

/** What to ask and whom; a fault of the file or of the environment ends the command with every fault at once. */
function readOrTell(
  file: string,
  { local, json, note }: DoctorOptions,
  { out }: Terminal,
): { config: Config; connection: CloudsConnection } {
  try {
    const config = loadConfig(file);
    const connection = local ? connectionOfLocalClouds(config, note) : connectionOfVariables(config);
    return { config, connection };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (!json) throw wrongConfiguration(error);
    out.write(`${JSON.stringify({ ok: false, file, findings: configurationFindings(error), notes: [] })}\n`);
    throw new CommandError(EXIT_STATUS.wrong, null, error);
  }
}
