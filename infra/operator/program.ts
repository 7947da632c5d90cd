import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import * as z from 'zod';
import { describeError } from '../../shared/errors.ts';
import { PROJECT_FOLDER } from '../deploy/build.ts';
import { addApplyCommand } from './commands/apply.ts';
import { addApproveCommand } from './commands/approve.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addGroupsCommand } from './commands/groups.ts';
import { addHistoryCommand } from './commands/history.ts';
import { addLocalCommand } from './commands/local.ts';
import { addPairsCommand } from './commands/pairs.ts';
import { addPauseCommands } from './commands/pause.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addPromoteCommands } from './commands/promote.ts';
import { addQuarantineCommands } from './commands/quarantine.ts';
import { addRequestCommand } from './commands/request.ts';
import { addRequestsCommand } from './commands/requests.ts';
import { addShowCommand } from './commands/show.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addStatusCommand } from './commands/status.ts';
import { addSweepsCommand } from './commands/sweeps.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addWhyCommand } from './commands/why.ts';
import { CommandError, EXIT_STATUS, type ExitStatus } from './exit-status.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const PackageSchema = z.object({ version: z.string(), description: z.string() });

/** The command line of the operator: what it offers, with all help. */
export function createProgram(terminal: Terminal): Command {
  const { version, description } = PackageSchema.parse(
    JSON.parse(readFileSync(join(PROJECT_FOLDER, 'package.json'), 'utf8')),
  );
  const program = new Command('autopilot')
    .description(description)
    .version(version)
    .exitOverride()
    // An option that stands behind a command's name is that command's.
    .enablePositionalOptions()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
    })
    .addHelpText(
      'afterAll',
      '\nExit status: 0 done, 1 failed, 2 wrong configuration or usage (of plan: 1, since there 2 says that there are changes).',
    );
  addValidateCommand(program, terminal);
  addDoctorCommand(program, terminal);
  addStatusCommand(program, terminal);
  addSweepsCommand(program, terminal);
  addPlanCommand(program, terminal);
  addApplyCommand(program, terminal);
  addWhyCommand(program, terminal);
  addHistoryCommand(program, terminal);
  addQuarantineCommands(program, terminal);
  addGroupsCommand(program, terminal);
  addPairsCommand(program, terminal);
  addPromoteCommands(program, terminal);
  addPauseCommands(program, terminal);
  addRequestCommand(program, terminal);
  addRequestsCommand(program, terminal);
  addShowCommand(program, terminal);
  addApproveCommand(program, terminal);
  addLocalCommand(program, terminal);
  addDemoCommand(program, terminal);
  addSimulateCommand(program, terminal);
  return program;
}

/** Runs the command that the arguments ask for, and resolves with the exit status. */
export async function main(
  args: ReadonlyArray<string>,
  terminal: Terminal = processTerminal(),
): Promise<ExitStatus> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return EXIT_STATUS.ok;
  } catch (error) {
    // Commander has said what it had to say; help that was asked for is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_STATUS.ok : EXIT_STATUS.wrong;
    if (!(error instanceof CommandError)) {
      terminal.err.write(`${terminal.err.colors.red('failed:')} ${describeError(error)}\n`);
      return EXIT_STATUS.failed;
    }
    if (error.text !== null) terminal.err.write(`${error.text}\n`);
    return error.status;
  }
}
