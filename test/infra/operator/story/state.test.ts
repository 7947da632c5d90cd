import pc from 'picocolors';
import { expect, it } from 'vitest';
import { describeEntries } from '../../../../infra/operator/story/entries.ts';
import { describeBackends } from '../../../../infra/operator/story/state.ts';
import type { RecordedAudit } from '../../../../shared/audit/ports.ts';
import type { BackendRow } from '../../../../shared/server-groups/backend/record.ts';
import { aBinding, aRow, GROUP, NOW_MS } from '../../../support/builders.ts';

const SCREEN = {
  write: () => {},
  isInteractive: false,
  size: () => ({ columns: 100, rows: 24 }),
  colors: pc.createColors(false),
};

const told = (overrides: Partial<BackendRow>, binding: ReturnType<typeof aBinding> | null = aBinding()) => {
  const row = aRow('i-a', overrides);
  const backend = { subject: 'backend', binding, vServerGroupId: GROUP, port: 8080, row };
  return describeBackends([backend], SCREEN).join('\n').replaceAll(/\s+/g, ' ');
};

it('a held backend says by what, and an order says since when, by when and until when', () => {
  const text = told({
    phase: 'draining',
    cause: 'maintenance',
    confirmedWeight: 0,
    weightZeroAtMs: NOW_MS,
    held: { by: 'min-in-service', reason: 'minInService: at least 2 must stay able to serve' },
    orders: [
      {
        cause: 'maintenance',
        ref: 'e-1',
        sinceMs: NOW_MS,
        deadlineAtMs: NOW_MS + 60_000,
        untilMs: NOW_MS + 3_600_000,
      },
    ],
  });

  expect(text).toContain('draining since 2026-04-09T04:18:26Z, cause maintenance, weight 0 read back');
  expect(text).toContain('held (min-in-service): minInService: at least 2');
  expect(text).toContain(
    'ordered out: maintenance (e-1) since 2026-04-09T04:18:26Z, out by 2026-04-09T04:19:26Z, until 2026-04-09T05:18:26Z',
  );
});

it('a record that no binding is about any more is shown with that', () => {
  expect(told({}, null)).toContain('no binding names this group and port any more');
});

const anEntry = (overrides: Partial<RecordedAudit>): RecordedAudit => ({
  subject: 'backend:g/i-a:80',
  atMs: NOW_MS,
  action: 'held',
  reason: 'a reason',
  requestIds: [],
  inputs: {},
  ...overrides,
});

it('entries have the day above the first of each day, and wrap under their reason', () => {
  const reason = 'word '.repeat(30).trim();
  const lines = describeEntries(
    [anEntry({ reason }), anEntry({ atMs: NOW_MS + 24 * 3_600_000, action: 'removed' })],
    () => '',
    SCREEN,
  );

  expect(lines).toEqual([
    '2026-04-09 UTC',
    `04:18:26  held     ${'word '.repeat(16).trim()}`,
    `${' '.repeat(19)}${'word '.repeat(14).trim()}`,
    '2026-04-10 UTC',
    '04:18:26  removed  a reason',
  ]);
});

it('nothing in a reason reaches the terminal as an order to it', () => {
  const [, line] = describeEntries([anEntry({ reason: 'red \u001b[31m\nand\u202e more' })], () => '', SCREEN);

  expect(line).toBe('04:18:26  held  red \ufffd[31m and\ufffd more');
});
