import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../../../infra/local/world/timeline.ts';
import { happeningOfLog } from '../../../../infra/operator/demo/function-logs.ts';
import { foldHappenings } from '../../../../infra/operator/demo/happenings.ts';
import { NOW_MS } from '../../../support/builders.ts';

function running(instanceId: string): TimelineEntry {
  const text = `${instanceId} (${instanceId}) Running`;
  return {
    atMs: NOW_MS,
    source: 'ecs',
    kind: 'instance-running',
    text,
    details: { instanceId, state: 'Running' },
  };
}

describe('foldHappenings', () => {
  it('tells like things in one line', () => {
    const lines = foldHappenings(['i-1', 'i-2', 'i-3', 'i-4'].map(running));

    expect(lines.map(({ text }) => text)).toEqual(['4 instances Running: i-1, i-2, and 2 more']);
  });

  it('tells of interruptions and system events in their own words', () => {
    const entries = ['spot-interruption', 'system-event-scheduled'].map((kind) => ({
      atMs: NOW_MS,
      source: 'ecs' as const,
      kind,
      text: `${kind} of i-1`,
      details: { instanceId: 'i-1' },
    }));

    expect(foldHappenings(entries)).toMatchObject([
      { who: 'ECS', tone: 'leaving', text: 'spot-interruption of i-1' },
      { who: 'ECS', tone: 'plain', text: 'system-event-scheduled of i-1' },
    ]);
  });

  it('leaves out what is only noise', () => {
    const noise: ReadonlyArray<Pick<TimelineEntry, 'source' | 'kind'>> = [
      { source: 'timer', kind: 'timer-fired' },
      { source: 'fc', kind: 'function-invoked' },
      { source: 'eventbridge', kind: 'event-published' },
      { source: 'ess', kind: 'hook-notified' },
    ];

    expect(
      foldHappenings(noise.map((entry) => ({ ...entry, atMs: NOW_MS, text: 'x', details: {} }))),
    ).toEqual([]);
  });

  it('tells what Auto Scaling waits for', () => {
    const text = 'drain (ash-1): waits for i-1';

    const lines = foldHappenings([
      { atMs: NOW_MS, source: 'ess', kind: 'hook-waiting', text, details: { lifecycleHookId: 'ash-1' } },
    ]);

    expect(lines).toEqual([{ atMs: NOW_MS, who: 'ESS', tone: 'quiet', text }]);
  });

  it('tells each write to SLB with its group, ports and weights', () => {
    const backends = [80, 81].map((port) => ({ serverId: 'i-1', port, weight: 0 }));
    const text = 'web (rsp-1): set …';

    const lines = foldHappenings([
      {
        atMs: NOW_MS,
        source: 'slb',
        kind: 'weights-set',
        text,
        details: { vServerGroupId: 'rsp-1', backends },
      },
    ]);

    expect(lines).toEqual([
      { atMs: NOW_MS, who: 'SLB', tone: 'leaving', text: 'web: weight 0 for 2 backends on :80, :81: i-1' },
    ]);
  });
});

describe('happeningOfLog', () => {
  const logged = (outcome: object) => ({
    functionName: 'slb-autopilot-tick',
    instanceId: 'c-1',
    requestId: 'r-1',
    line: JSON.stringify({ level: 30, durationMs: 12, outcome, message: 'invocation ended' }),
  });

  it('tells what an invocation wrote, and failures', () => {
    const lanes = {
      'lb-1': { kind: 'applied', writes: 2 },
      'lb-2': { kind: 'failed', message: 'no answer' },
    };

    expect(happeningOfLog(logged({ lanes }), NOW_MS)).toEqual({
      atMs: NOW_MS,
      who: 'function',
      tone: 'bad',
      text: 'tick (12 ms): 2 writes to lb-1; lb-2 failed: no answer',
    });
  });

  it('says nothing of an invocation that found nothing to do, nor of other output', () => {
    const idle = happeningOfLog(logged({ lanes: { 'lb-1': { kind: 'waiting', reason: 'x' } } }), NOW_MS);
    const other = happeningOfLog({ ...logged({}), line: '{ not JSON' }, NOW_MS);

    expect([idle, other]).toEqual([null, null]);
  });
});
