import type { Command } from 'commander';
import { pairSubject } from '../../../shared/audit/model.ts';
import { describeError } from '../../../shared/errors.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { PairDesk } from '../pairs/desk.ts';
import type { Audit } from '../pairs/detail.ts';
import type { SeenPair, UnseenPair } from '../pairs/look.ts';
import { openPlace, requirePair } from '../pairs/open.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

const AUDIT_ENTRIES = 10;

/** `autopilot pairs`: how every pair, or one of them, stands. Changes nothing. */
export function addPairsCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('pairs [pair]'))
    .summary('show the primary/secondary pairs, or one of them in detail')
    .description(
      'Shows who is the primary and who the secondary of each pair, its state and its last change; of one pair also what observers say and since when, notices, orders, the journal of the last change, what is left over, and the last entries of the audit. It changes nothing.',
    )
    .addHelpText('after', '\nOf this command: 0 shown, 2 no such pair, 3 a pair could not be looked at.')
    .action((name: string | undefined, options: PlaceOptions) => show(name ?? null, options, terminal));
}

async function show(name: string | null, options: PlaceOptions, { out }: Terminal): Promise<void> {
  const { config, desk } = await openPlace(options);
  const pairs = name === null ? config.pairs : [requirePair(config, name)];
  const [{ lookAtPairs }, { describePairs }, { describePair }] = await Promise.all([
    import('../pairs/look.ts'),
    import('../pairs/overview.ts'),
    import('../pairs/detail.ts'),
  ]);
  const looked = await lookAtPairs(desk, pairs);
  const [only] = looked;
  const audit = name === null ? null : await auditOf(desk, name);
  if (options.json)
    out.write(`${JSON.stringify({ pairs: looked.map((each) => documentOf(each, audit)) })}\n`);
  else if (only === undefined) out.write('The configuration names no pairs.\n');
  else if (audit === null || 'error' in only) out.write(describePairs(looked, out));
  else out.write(describePair(only, audit, out));
  if (looked.some((each) => 'error' in each)) throw new CommandError(EXIT_STATUS.unanswered, null);
}

/** Not everybody may read the audit; all else is worth showing without it. */
async function auditOf({ audit }: PairDesk, name: string): Promise<Audit> {
  try {
    return { entries: await audit.latest(pairSubject(name), AUDIT_ENTRIES) };
  } catch (error) {
    return { error: describeError(error) };
  }
}

function documentOf(each: SeenPair | UnseenPair, audit: Audit | null): object {
  const { name, loadBalancerId, listeners } = each.pair;
  const head = { name, loadBalancerId, listeners };
  if ('error' in each) return { ...head, error: each.error };
  const { row, orders, seen, standing, states } = each;
  const group = standing.kind === 'group' ? standing.group : null;
  return {
    ...head,
    error: null,
    groupId: group?.groupId ?? null,
    primary: group?.members.primary ?? null,
    secondary: group?.members.secondary ?? null,
    homeId: row?.homeId ?? null,
    standbyIds: seen.standbyIds,
    states,
    lastChange: row?.saga ?? null,
    ...(audit === null
      ? {}
      : { row, orders, health: seen.health, audit: 'entries' in audit ? audit.entries : null }),
  };
}
