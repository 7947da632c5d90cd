import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBatch } from '../../../shared/events/interpret.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { mutationsOf, SAMPLES } from '../../support/mutations.ts';

const mutated = mutationsOf(SAMPLES);

function expectWellFormed(event: InboundEvent): void {
  if ('key' in event) {
    expect(event.key).toMatch(/^[\x21-\x7e]{1,200}$/);
    expect(event.payloadHash).toMatch(/^[0-9a-f]{64}$/);
  }
  if ('instanceId' in event) expect(event.instanceId).toMatch(/^i-[A-Za-z0-9-]{1,60}$/);
  if (event.kind === 'system-event') {
    expect(event.eventId ?? 'e').toMatch(/^[\w.-]{1,128}$/);
    expect(event.eventType).toMatch(/^(SystemMaintenance|SystemFailure|InstanceFailure)\.[A-Za-z]{1,100}$/);
  }
  if (event.kind === 'lifecycle-hook') {
    expect(event.scalingGroupId).toMatch(/^asg-[A-Za-z0-9-]{1,60}$/);
    expect(event.lifecycleActionToken ?? event.scalingActivityId).toMatch(/^[\w.:-]{1,128}$/);
    for (const id of event.instanceIds) expect(id).toMatch(/^i-[A-Za-z0-9-]{1,60}$/);
  }
  if (event.kind === 'ignored') expect(event.reason).toMatch(/^[\x20-\x7e]{1,120}$/);
  if (event.kind === 'not-understood') {
    expect(event.reason).toMatch(/^.{1,300}$/);
    expect(event.reason).not.toContain('defect');
  }
}

describe('damaged payloads', () => {
  it('are read without a throw, alone and as one of a batch, every message accounted for', () => {
    const seen = {
      runs: 0,
      'instance-state-changed': 0,
      'instance-interrupted': 0,
      'system-event': 0,
      'lifecycle-hook': 0,
      'health-alarm': 0,
      'change-request': 0,
      ignored: 0,
      'not-understood': 0,
      tick: 0,
      'wake-up': 0,
      reconcile: 0,
    };
    fc.assert(
      fc.property(mutated, fc.constantFrom('object', 'text', 'base64'), (text, form) => {
        seen.runs += 1;
        const alone = parseBatch(Buffer.from(text));
        for (const event of alone) {
          expectWellFormed(event);
          seen[event.kind] += 1;
        }
        const body = form === 'base64' ? Buffer.from(text).toString('base64') : text;
        const neighbour = '{"triggerTime":"t","triggerName":"t"}';
        const batch = [neighbour, body, neighbour].map((messageBody, n) => ({
          data: { messageId: `A${n}`, messageBody },
        }));

        const events = parseBatch(
          Buffer.from(JSON.stringify(form === 'text' ? batch.map((item) => JSON.stringify(item)) : batch)),
        );

        expect(events.length).toBeGreaterThanOrEqual(3);
        for (const event of events) expectWellFormed(event);
        expect([events.at(0), events.at(-1)]).toEqual([{ kind: 'tick' }, { kind: 'tick' }]);
      }),
      { numRuns: 3_000, seed: 20260518 },
    );
    expect(seen.runs).toBe(3_000);
    // The damages are neither so small that all is still read, nor so large that nothing is.
    expect(seen['instance-state-changed']).toBeGreaterThan(100);
    for (const kind of ['instance-interrupted', 'system-event', 'lifecycle-hook'] as const) {
      expect(seen[kind]).toBeGreaterThan(20);
    }
    expect(seen.ignored).toBeGreaterThan(100);
    expect(seen['not-understood']).toBeGreaterThan(100);
  });

  it('of any bytes are read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const event of parseBatch(Buffer.from(bytes))) expectWellFormed(event);
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });

  it('of any JSON are read without a throw', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        for (const event of parseBatch(Buffer.from(json))) expectWellFormed(event);
      }),
      { numRuns: 1_000, seed: 7 },
    );
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('speed', () => {
  it('is at most 0.2 ms of CPU per event in a batch of 1,000', () => {
    const item = JSON.parse(
      readFileSync(new URL('../../../events/carriers/queue-single.json', import.meta.url), 'utf8'),
    );
    const batch = Buffer.from(JSON.stringify(Array.from({ length: 1_000 }, () => item)));
    parseBatch(batch);

    const before = process.cpuUsage();
    const events = parseBatch(batch);
    const { user, system } = process.cpuUsage(before);

    expect(events).toHaveLength(1_000);
    expect((user + system) / 1_000 / events.length).toBeLessThan(0.2);
  });
});
