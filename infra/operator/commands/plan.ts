import { writeFileSync } from 'node:fs';
import type { Command, CommanderError } from 'commander';
import { changesOf, isWhole } from '../../../shared/comparison/sections/model.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { documentOf } from '../plan/document.ts';
import { openPlans, requireWish } from '../plan/open.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

interface PlanOptions extends PlaceOptions {
  readonly binding?: ReadonlyArray<string>;
  readonly delete?: ReadonlyArray<string>;
  readonly out?: string;
}

/** `autopilot plan`: what the next full comparison would do. Changes nothing. */
export function addPlanCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('plan'))
    .summary('show what the next full comparison would change, and what it would not')
    .description(
      'Looks at the load balancers, instances and tables as the functions do, and shows what their next full comparison would do about each binding and pair: + joins, ~ changes, - leaves, ! is held, · is under way already. It changes nothing.',
    )
    .option('--binding <name>', 'only this binding, and no pairs (repeatable)', collected)
    .option(
      '--delete <binding>',
      'what deleting its declared group would do, and who still uses it (repeatable)',
      collected,
    )
    .option('--out <file>', 'save the plan for autopilot apply')
    .addHelpText(
      'after',
      '\nOf this command, unlike the others: 0 nothing to do, 1 failed, also for a wrong configuration or usage, 2 there are changes, 3 something could not be looked at.',
    )
    .exitOverride(withoutTwo)
    .action((options: PlanOptions) => plan(options, terminal));
}

async function plan(options: PlanOptions, { out, err }: Terminal): Promise<void> {
  const { config, desk, wish } = await opened(options);
  const { out: file, json } = options;
  const [{ makePlan }, { describePlan }] = await Promise.all([
    import('../plan/make.ts'),
    import('../plan/report.ts'),
  ]);
  const made = await makePlan(desk, wish);
  const document = documentOf(made, config.regionId, wish.deletes);
  out.write(json ? `${JSON.stringify(document)}\n` : describePlan(made, out));
  const people = json ? err : out;
  if (file !== undefined && isWhole(made)) {
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
    people.write(`Saved. autopilot apply ${file} has it carried out.\n`);
  } else if (file !== undefined) people.write('Not saved: something could not be looked at.\n');
  if (!isWhole(made)) throw new CommandError(EXIT_STATUS.unanswered, null);
  if (changesOf(made).length > 0) throw new CommandError(EXIT_STATUS.changes, null);
}

/** Whoever reads 2 as "there are changes" must not be told so by a fault in a file. */
async function opened(options: PlanOptions) {
  try {
    const { config, desk } = await openPlans(options);
    const { binding, delete: deletes = [] } = options;
    const names = [...new Set([...(binding ?? []), ...deletes])];
    const wish = requireWish(config, names.length === 0 ? null : { bindings: names, pairs: [] });
    const named = wish.bindings.find(({ name, group }) => deletes.includes(name) && group === null);
    if (named !== undefined) {
      const text = `${named.name} declares no group: ${named.vServerGroupId} is somebody else's to delete.`;
      throw new CommandError(EXIT_STATUS.wrong, text);
    }
    return { config, desk, wish: { ...wish, deletes } };
  } catch (error) {
    const isWrong = error instanceof CommandError && error.status === EXIT_STATUS.wrong;
    throw isWrong ? new CommandError(EXIT_STATUS.failed, error.text, error) : error;
  }
}

function collected(name: string, names: ReadonlyArray<string> = []): ReadonlyArray<string> {
  return [...names, name];
}

/** Commander has said what is wrong with the command; help that was asked for is no failure. */
function withoutTwo(error: CommanderError): never {
  if (error.exitCode === 0) throw error;
  throw new CommandError(EXIT_STATUS.failed, null, error);
}
