import { describe, expect, it } from 'vitest';
import { AuditNotes } from '../../../shared/audit/notes.ts';
import { VERSION } from '../../../shared/version.ts';
import { NOW_MS } from '../../support/builders.ts';

const notesOf = (newId: () => string) =>
  new AuditNotes({ clock: { nowMs: () => NOW_MS }, newId }, { fence: 7 });

describe('what a holder of a lane notes', () => {
  it('keeps its order among entries of the same millisecond, whatever the ids are, and after it was written', () => {
    const ids = ['z', 'y', 'x'];
    const notes = notesOf(() => ids.shift() ?? '');
    const seen: Array<string> = [];
    for (const reason of ['first', 'second', 'third']) {
      notes.note('lane:a', 'held', reason, [], {});
      seen.push(...notes.entries.map(({ id }) => id));
      notes.clear();
    }

    expect([...seen].sort()).toEqual(seen);
    expect(new Set(seen).size).toBe(3);
  });

  it('is noted for others with where its inputs are, and not with the inputs', () => {
    const notes = notesOf(() => 'id');

    notes.note('hook:a', 'hook-answered', 'CONTINUE', ['R-1'], { heartbeats: 2 }, [
      'instance:i-1',
      'instance:i-2',
    ]);

    const [first, ...copies] = notes.entries;
    expect(first).toMatchObject({ subject: 'hook:a', inputs: { heartbeats: 2, fence: 7, code: VERSION } });
    expect(copies).toEqual(
      ['instance:i-1', 'instance:i-2'].map((subject) => ({
        ...first,
        subject,
        inputs: { notedFor: 'hook:a', fence: 7, code: VERSION },
      })),
    );
  });
});
