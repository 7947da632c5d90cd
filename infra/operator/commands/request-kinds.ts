import type { Command } from 'commander';
import type { ChangeKind } from '../../../shared/requests/document.ts';

/** A kind of change, as a subcommand. */
export interface RequestKind {
  readonly kind: Exclude<ChangeKind, 'approve'>;
  readonly of: 'binding' | 'pair';
  readonly summary: string;
  readonly description: string;
  readonly takes: ReadonlyArray<keyof typeof OWN_OPTIONS>;
  /** It may be about all instances of the binding. */
  readonly takesAll?: true;
}

/** Every kind of change that can be asked for by a command of its own, in the order of the help. */
export const REQUEST_KINDS: ReadonlyArray<RequestKind> = [
  {
    kind: 'drain',
    of: 'binding',
    summary: 'take instances out of rotation for a time',
    description:
      'Weight 0, the drain time of the binding, then out of the group; at the end of --for they come back by themselves.',
    takes: ['for', 'port'],
  },
  {
    kind: 'remove',
    of: 'binding',
    summary: 'take instances out of rotation until release-override',
    description: 'As drain, without an end.',
    takes: ['port'],
  },
  {
    kind: 'join',
    of: 'binding',
    summary: 'bring in instances that no selector matches, for a time',
    description: 'They join as any other instance of the binding, and leave drained at the end of --for.',
    takes: ['for', 'port'],
  },
  {
    kind: 'set-weight',
    of: 'binding',
    summary: 'give instances another weight for a time',
    description:
      'A weight for all, weights by what the instances are, or percent of the one that the binding says. Of several that match, an instance counts before its type, and that before its zone.',
    takes: ['weight', 'weightOf', 'percent', 'for', 'port'],
    takesAll: true,
  },
  {
    kind: 'release-override',
    of: 'binding',
    summary: 'take back what drain, remove, join and set-weight asked for',
    description: 'The instances become again what the binding says of them.',
    takes: ['port'],
    takesAll: true,
  },
  {
    kind: 'lift-guard',
    of: 'binding',
    summary: 'let instances go although a guard forbids it, once',
    description: 'It has to be signed. It counts for these instances, for one time, within --for.',
    takes: ['guard', 'for'],
  },
  {
    kind: 'promote',
    of: 'pair',
    summary: 'make the secondary, or another server, the primary of a pair',
    description: 'As the command promote, as a request: signed, with an id, and with a result.',
    takes: ['to', 'ignoreCoolDown'],
  },
  {
    kind: 'fail-back',
    of: 'pair',
    summary: 'make the former primary of a pair the primary again',
    description: 'As the command fail-back, as a request.',
    takes: ['ignoreCoolDown'],
  },
  {
    kind: 'pause',
    of: 'pair',
    summary: 'let nothing change a pair for a while',
    description: 'As the command pause, as a request.',
    takes: ['for'],
  },
  {
    kind: 'resume',
    of: 'pair',
    summary: 'end the pause of a pair',
    description: 'As the command resume, as a request.',
    takes: [],
  },
];

const OWN_OPTIONS = {
  for: (command: Command) => command.option('--for <duration>', 'how long, such as 30m or 2h (required)'),
  port: (command: Command) =>
    command.option(
      '--port <port>',
      'only this port of the instances (repeatable; default: all that the binding names)',
      (text: string, ports: ReadonlyArray<string> | undefined) => [...(ports ?? []), text],
    ),
  weight: (command: Command) =>
    command.option('--weight <weight>', 'the weight, 0 to 100; beside --weight-of that of the others'),
  weightOf: (command: Command) =>
    command.option(
      '--weight-of <of=weight>',
      'the weight of an instance, an instance type or a zone: i-…=30, ecs.g7.large=50, cn-hangzhou-h=80 (repeatable)',
      (text: string, weights: ReadonlyArray<string> | undefined) => [...(weights ?? []), text],
    ),
  percent: (command: Command) =>
    command.option('--percent <percent>', 'percent of the binding’s weight, 0 to 100'),
  guard: (command: Command) =>
    command.option('--guard <guard>', 'the guard, as a held backend names it: min-in-service, … (required)'),
  to: (command: Command) =>
    command.option('--to <instance>', 'who is to be the primary (default: the secondary)'),
  ignoreCoolDown: (command: Command) =>
    command.option('--ignore-cool-down', 'the last change may have ended a moment ago'),
};

/** Adds the options that only this kind has. */
export function withOwnOptions(command: Command, { takes, takesAll }: RequestKind): Command {
  if (takesAll === true) command.option('--all', 'all instances that are in the group by the binding');
  return takes.reduce((added, name) => OWN_OPTIONS[name](added), command);
}
