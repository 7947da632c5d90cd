import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../../shared/audit/model.ts';
import { GROUP } from '../../../support/builders.ts';
import { setTableStage, type TableStage } from '../table-stage.ts';

const HOUR_MS = 3_600_000;

/** Writes entries as the functions do: `i-a:8080` of the group, so many hours ago. */
async function happened(
  { stage }: TableStage,
  ...entries: ReadonlyArray<{ group?: string; backend: string; hoursAgo: number; reason: string }>
): Promise<void> {
  const audit = entries.map(
    ({ group = GROUP, backend, hoursAgo, reason }): AuditEntry => ({
      subject: `backend:${group}/${backend}`,
      atMs: Date.now() - hoursAgo * HOUR_MS,
      id: `id-${reason}`,
      action: 'weight-set',
      reason,
      requestIds: [],
      inputs: { weight: 0 },
    }),
  );
  await stage.worker().hooks.commit({ fence: 1, changes: [], audit });
}

const reasonsIn = (out: string) => [...out.matchAll(/weight 0: (\S+)/g)].map(([, reason]) => reason);

describe('autopilot history', () => {
  it('ends with 2 for a time that is none and a binding that there is not', async () => {
    const { run } = await setTableStage();

    const wrong = await Promise.all([
      run('history', '--since', 'yesterday'),
      run('history', '--binding', 'db'),
    ]);

    expect(wrong.map(({ status }) => status)).toEqual([2, 2]);
    expect(wrong[0]?.err).toContain('a duration such as 2h');
  });

  it('ends with 3 without the right to read', async () => {
    const { runAllowed } = await setTableStage();

    const { status, err } = await runAllowed(['ots:GetRow'], 'history');

    expect(status).toBe(3);
    expect(err).toContain('the audit cannot be read');
  });

  it('says so when nothing has happened', async () => {
    const { run } = await setTableStage();

    expect(await run('history')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Nothing has happened/),
    });
  });

  it('tells of all backends of the groups and of no others, merged by time', async () => {
    const table = await setTableStage({ bindings: 2 });
    await happened(
      table,
      { backend: 'i-b:8080', hoursAgo: 3, reason: 'first' },
      { group: 'rsp-bp1metrics0001', backend: 'i-a:9100', hoursAgo: 2, reason: 'second' },
      { backend: 'i-a:8080', hoursAgo: 1, reason: 'third' },
      { group: `${GROUP}0`, backend: 'i-a:8080', hoursAgo: 1, reason: 'elsewhere' },
    );

    const all = await table.run('history');
    const web = await table.run('history', '--binding', 'web');

    expect(reasonsIn(all.out)).toEqual(['first', 'second', 'third']);
    expect(all.out).toMatch(/metrics i-a:9100 +weight-set/);
    expect(reasonsIn(web.out)).toEqual(['first', 'third']);
    expect(web.out).toMatch(/\d +i-b:8080 +weight-set/);
  });

  it('goes back a day, or as far as it is told', async () => {
    const table = await setTableStage();
    await happened(
      table,
      { backend: 'i-a:8080', hoursAgo: 30, reason: 'old' },
      { backend: 'i-a:8080', hoursAgo: 3, reason: 'today' },
      { backend: 'i-b:8080', hoursAgo: 1, reason: 'now' },
    );
    const since = new Date(Date.now() - 2 * HOUR_MS).toISOString();

    expect(reasonsIn((await table.run('history')).out)).toEqual(['today', 'now']);
    expect(reasonsIn((await table.run('history', '--since', '40h')).out)).toEqual(['old', 'today', 'now']);
    expect(reasonsIn((await table.run('history', '--since', since)).out)).toEqual(['now']);
  });

  it('shows the last so many, and says that there are more', async () => {
    const table = await setTableStage();
    await happened(
      table,
      { backend: 'i-a:8080', hoursAgo: 2, reason: 'one' },
      { backend: 'i-b:8080', hoursAgo: 1, reason: 'two' },
    );

    const { out } = await table.run('history', '--last', '1');

    expect(reasonsIn(out)).toEqual(['two']);
    expect(out).toContain('there are more');
  });

  it('prints one document with --json', async () => {
    const table = await setTableStage();
    await happened(table, { backend: 'i-a:8080', hoursAgo: 1, reason: 'one' });

    expect(JSON.parse((await table.run('history', '--json')).out)).toMatchObject({
      bindings: ['web'],
      entries: [{ subject: `backend:${GROUP}/i-a:8080`, action: 'weight-set', reason: 'one' }],
      isCut: false,
    });
  });
});
