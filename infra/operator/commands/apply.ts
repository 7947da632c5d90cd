import { type Command, Option } from 'commander';
import { changesOf, isWhole } from '../../../shared/comparison/sections/model.ts';
import { confirmed } from '../confirm.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd } from '../place.ts';
import { differenceOf, documentOf, type PlanDocument, readPlanDocument } from '../plan/document.ts';
import type { MadePlan } from '../plan/make.ts';
import { openPlans, requireWish } from '../plan/open.ts';
import { interruption } from '../stop-signal.ts';
import type { Screen, Terminal } from '../terminal.ts';
import { SYSTEM_PACE } from '../watching.ts';
import { type PlaceOptions, readWait, WAIT_LIMIT_MS, withPlace } from './place-options.ts';

interface ApplyOptions extends PlaceOptions {
  readonly yes?: true;
  readonly wait: boolean;
  readonly delete?: true;
  /** Milliseconds. */
  readonly timeout: number;
}

/** `autopilot apply`: has the functions carry out a saved plan now, if it is still the plan. */
export function addApplyCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('apply'))
    .argument('<file>', 'what autopilot plan --out has saved')
    .summary('have the functions carry out a saved plan now')
    .description(
      'Makes the plan again, and where it is still the same tells the functions that there is something to do, which carry it out under their guards, and shows how it goes on. It never writes to a load balancer itself.',
    )
    .option('--yes', 'do not ask')
    .option('--delete', 'also where the plan deletes declared groups (autopilot plan --delete)')
    .option('--no-wait', 'tell the functions and end at once')
    .addOption(
      new Option('--timeout <duration>', 'watch no longer than this')
        .argParser(readWait)
        .default(WAIT_LIMIT_MS, '10m'),
    )
    .addHelpText(
      'after',
      '\nOf this command: 0 done, or nothing to do, 1 the plan is not the same any more, was declined, or something of it is held, 2 no such plan, 3 something could not be looked at, or nobody knows yet how it ends. Who stops watching (Ctrl-C) stops nothing.',
    )
    .action((file: string, options: ApplyOptions) => apply(file, options, terminal));
}

async function apply(file: string, options: ApplyOptions, { out, err }: Terminal): Promise<void> {
  const saved = readPlanDocument(file);
  const { config, desk } = await openPlans(options);
  if (saved.region !== config.regionId) {
    const text = `The plan is of ${saved.region}, the configuration of ${config.regionId}.`;
    throw new CommandError(EXIT_STATUS.wrong, text);
  }
  if (saved.deletes.length > 0 && !options.delete) {
    const text = `The plan deletes the groups of ${saved.deletes.join(', ')}: say --delete to have it carried out.`;
    throw new CommandError(EXIT_STATUS.wrong, text);
  }
  const wish = { ...requireWish(config, saved), deletes: saved.deletes };
  const [{ makePlan }, { describePlan }, { carryOutPlan }, { followPlan }, { concludeOnPlan }] =
    await Promise.all([
      import('../plan/make.ts'),
      import('../plan/report.ts'),
      import('../plan/carry-out.ts'),
      import('../plan/follow.ts'),
      import('../plan/conclusion.ts'),
    ]);
  const people = options.json ? err : out;
  const end = (outcome: string, rest: object = {}) => {
    if (options.json) out.write(`${JSON.stringify({ hash: saved.hash, outcome, ...rest })}\n`);
  };
  const made = await makePlan(desk, wish);
  people.write(describePlan(made, people));
  if (!isWhole(made)) {
    throw new CommandError(EXIT_STATUS.unanswered, 'Something could not be looked at; nothing was done.');
  }
  const now = documentOf(made, config.regionId, saved.deletes);
  if (now.hash !== saved.hash) {
    tellMove(saved, now, people);
    end('moved', { now: now.hash, plan: now.plan });
    throw new CommandError(EXIT_STATUS.failed, null);
  }
  requireWhole(made);
  if (changesOf(made).length === 0) return end('nothing');
  if (!options.yes && !(await confirmed('Have it carried out?', people))) {
    end('declined');
    throw new CommandError(EXIT_STATUS.failed, 'Nothing was done.');
  }
  const warning = await askOrEnd(
    'not every function may have been told',
    carryOutPlan(desk, made, saved.deletes),
  );
  if (warning !== null) people.write(`${people.colors.yellow(warning)}\n`);
  if (!options.wait) {
    people.write('The functions are told. autopilot plan and autopilot status tell what becomes of it.\n');
    return end('told');
  }
  const { signal, release } = interruption();
  try {
    const watching = { screen: people, pace: SYSTEM_PACE, limitMs: options.timeout, stop: signal };
    const followed = await askOrEnd(
      'the functions are told, and what they do cannot be read',
      followPlan({ desk, made, wish, ...watching }),
    );
    const { status, outcome, text } = concludeOnPlan(followed, people.colors);
    people.write(`${text}\n`);
    end(outcome, { changes: followed.standings });
    if (status !== EXIT_STATUS.ok) throw new CommandError(status, null);
  } finally {
    release();
  }
}

/** Says what the plan had and what there is instead. */
function tellMove(saved: PlanDocument, now: PlanDocument, people: Screen): void {
  const { red, bold } = people.colors;
  const listed = (head: string, texts: ReadonlyArray<string>) =>
    texts.length === 0 ? [] : [head, ...texts.map((text) => `  ${text}`)];
  const lines = [
    `${red('The world has moved')} since the plan was made (${saved.madeAt}); nothing was done.`,
    ...listed(bold('Planned, and not so any more:'), differenceOf(saved.plan, now.plan)),
    ...listed(bold('So now, and not planned:'), differenceOf(now.plan, saved.plan)),
    `Planned ${saved.hash}, now ${now.hash}.`,
  ];
  people.write(`${lines.join('\n')}\n`);
}

/** A lane works on its whole load balancer: what would be done as well must have been seen. */
function requireWhole({ others }: MadePlan): void {
  const names = others
    .filter((section) => changesOf({ sections: [section] }).length > 0)
    .map(({ name }) => name);
  if (names.length === 0) return;
  const text = `The same load balancer has changes of ${names.join(', ')}, which the plan does not show and which would be carried out as well. Plan again with --binding ${names.join(' --binding ')} beside, or without any.`;
  throw new CommandError(EXIT_STATUS.failed, text);
}
