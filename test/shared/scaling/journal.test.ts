import { expect, it } from 'vitest';
import type { AuditEntry } from '../../../shared/audit/model.ts';
import type { HeldLane } from '../../../shared/lanes/model.ts';
import { HookJournal } from '../../../shared/scaling/journal.ts';
import type { HookDecision } from '../../../shared/scaling/model.ts';
import { NOW_MS, SCALING_GROUP } from '../../support/builders.ts';

const HELD = { laneId: SCALING_GROUP, owner: 'me', fence: 1, leaseUntilMs: NOW_MS + 45_000 } as HeldLane;

/** The entries of each commit that follows the notes. */
async function written(
  ...decisions: ReadonlyArray<HookDecision>
): Promise<ReadonlyArray<ReadonlyArray<AuditEntry>>> {
  const commits: Array<ReadonlyArray<AuditEntry>> = [];
  const journal = new HookJournal(
    {
      hooks: {
        commit: async ({ audit }) => {
          commits.push(audit);
          return { refused: [] };
        },
      },
      clock: { nowMs: () => NOW_MS },
      newId: () => 'id',
    },
    HELD,
  );
  for (const decision of decisions) journal.note(decision, ['R-1']);
  await journal.commit([]);
  return commits;
}

const aDecision = (overrides: Partial<HookDecision> = {}): HookDecision => ({
  subject: 'hook:ash-1/token',
  action: 'hook-answered',
  reason: 'CONTINUE',
  inputs: {},
  instanceIds: ['i-1', 'i-2'],
  recorded: null,
  ...overrides,
});

it('what is answered about a hook is found from each of its instances, in the same commit', async () => {
  const commits = await written(aDecision());

  expect(commits.map((audit) => audit.map(({ subject, requestIds }) => [subject, requestIds]))).toEqual([
    [
      ['hook:ash-1/token', ['R-1']],
      ['instance:i-1', ['R-1']],
      ['instance:i-2', ['R-1']],
    ],
  ]);
});

it('a heartbeat is noted for the hook alone', async () => {
  const [audit = []] = await written(
    aDecision({ action: 'hook-heartbeat', reason: 'heartbeat 1: 600 s more' }),
  );

  expect(audit.map(({ subject }) => subject)).toEqual(['hook:ash-1/token']);
});
