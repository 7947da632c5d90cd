import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { quarantineKey } from '../../../shared/acceptance/plan.ts';
import { isWhole, planReplay } from '../../../shared/acceptance/replay.ts';

const EVENTS = new URL('../../../events/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(`${name}.json`, EVENTS), 'utf8');
const STATE_CHANGE = sample('ecs-instance-state-change');
const HOOK = sample('ess-lifecycle-hook');

describe('a quarantined text', () => {
  it.each([
    ['no JSON', '{"cut off', 'neither JSON'],
    ['of no known shape', '{"hello":"world"}', 'an object of no known shape'],
    ['without a message', '[]', 'an empty list'],
    ['nested too deeply', `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, 'nested deeper'],
  ])('that is %s is refused with today’s reason', (_, text, reason) => {
    expect(planReplay({ text })).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it.each([
    ['a wake-up', '{"kind":"slb-autopilot/wake-up","version":2,"lane":"lb-1","dueAtMs":1}', 'wake-up'],
    ['a tick', '{"triggerTime":"2026-04-09T04:18:26Z","triggerName":"tick","payload":""}', 'tick'],
    [
      'what is known and not acted on',
      sample('cloudmonitor-event.live-migration'),
      'nothing would come of it',
    ],
  ])('that turns out to be %s goes nowhere', (_, text, reason) => {
    expect(planReplay({ text })).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it('that is longer than a message of a queue may be is refused', () => {
    const change = { ...JSON.parse(STATE_CHANGE), padding: 'x'.repeat(48 * 1024) };

    expect(planReplay({ text: JSON.stringify(change) })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('at most 49152'),
    });
  });

  it('of several messages goes onto the queue of each, or nowhere if one of them is not understood', () => {
    const both = [JSON.parse(STATE_CHANGE), JSON.parse(HOOK)];

    expect(planReplay({ text: JSON.stringify(both) })).toMatchObject({
      kind: 'send',
      messages: [{ place: 'instance-events' }, { place: 'scaling-hooks' }],
    });
    expect(planReplay({ text: JSON.stringify([...both, {}]) })).toMatchObject({ kind: 'refused' });
  });

  it('is sent as it came, but for Base64 around it', () => {
    const message = { kind: 'send', messages: [{ place: 'instance-events', text: STATE_CHANGE }] };

    expect(planReplay({ text: STATE_CHANGE })).toEqual(message);
    expect(planReplay({ text: Buffer.from(STATE_CHANGE).toString('base64') })).toEqual(message);
  });

  it('is whole if its key is that of its text', () => {
    expect(isWhole({ key: quarantineKey('text'), text: 'text' })).toBe(true);
    expect(isWhole({ key: quarantineKey('text'), text: 'tex' })).toBe(false);
  });
});

it('every sample that a function acts on has a queue to go back to', () => {
  const names = readdirSync(EVENTS).filter((name) => /^(?:ecs-|ess-).*\.json$/.test(name));
  const kinds = names.map(
    (name) => [name, planReplay({ text: sample(name.slice(0, -'.json'.length)) })] as const,
  );

  expect(names.length).toBeGreaterThan(5);
  expect(kinds.filter(([, plan]) => plan.kind === 'refused' && !plan.reason.startsWith('nothing'))).toEqual(
    [],
  );
});
