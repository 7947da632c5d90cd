import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { handleInstanceEvents } from '../../../functions/instance-events/handler.ts';
import { chunksOf } from '../../../shared/collections.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import { mutationsOf, SAMPLES } from '../../support/mutations.ts';
import { type Stage, setStage } from '../../support/stage.ts';

const PAYLOADS = 1_000;
const PAYLOADS_PER_BATCH = 50;

let stage: Stage;
afterEach(() => stage.close());

/** A payload as an event stream delivers it: a list of queue messages that hold the texts. */
function batchOf(texts: ReadonlyArray<string>): Buffer {
  const items = texts.map((messageBody, n) => ({ data: { messageId: `A${n}`, messageBody } }));
  return Buffer.from(JSON.stringify(items));
}

describe('1,000 mutated payloads', () => {
  it('fail no batch, and each message of them is accepted, known, ignored, not selected or in quarantine', async () => {
    stage = await setStage({ clouds: { region: 'cn-shanghai' } });
    const [id = ''] = await stage.running(1);
    // Half of the samples are about an instance that exists, so that some of what is left of them has an effect.
    const aboutOurs = SAMPLES.map((text) => text.replaceAll(/\bi-[a-z0-9]{10,}/g, id));
    const payloads = fc.sample(mutationsOf([...SAMPLES, ...aboutOurs]), {
      numRuns: PAYLOADS,
      seed: 20260518,
    });
    const worker = stage.worker();
    const totals = {
      items: 0,
      accepted: 0,
      duplicates: 0,
      notSelected: 0,
      quarantined: 0,
      ignored: 0,
    };
    const failures: Array<unknown> = [];

    for (const texts of chunksOf(payloads, PAYLOADS_PER_BATCH)) {
      const events = parseBatch(batchOf(texts));
      const { accepted: report, lanes } = await handleInstanceEvents(worker, events);

      totals.items += events.length;
      for (const name of ['accepted', 'duplicates', 'notSelected', 'quarantined'] as const) {
        totals[name] += report[name];
      }
      totals.ignored += Object.values(report.ignored).reduce((sum, count) => sum + count, 0);
      failures.push(...Object.values(lanes).filter(({ kind }) => kind === 'failed'));
    }

    const { items, ...ends } = totals;
    expect(items).toBeGreaterThanOrEqual(PAYLOADS);
    expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(items);
    expect(stage.rows('quarantine')).toHaveLength(totals.quarantined);
    expect(failures).toEqual([]);
    // The damages leave something of every kind, so none of the counts is trivially right.
    for (const count of Object.values(ends)) expect(count).toBeGreaterThan(0);
    expect(totals.quarantined).toBeGreaterThan(100);
    expect(totals.accepted).toBeGreaterThan(10);
  }, 60_000);
});
