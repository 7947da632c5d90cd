import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../../infra/local/world/calls.ts';
import type { Principal } from '../../../../infra/local/world/identities.ts';
import type { TimelineEntry } from '../../../../infra/local/world/timeline.ts';
import { happeningOfLog } from '../../../../infra/operator/demo/function-logs.ts';
import { foldHappenings, happeningOfCall } from '../../../../infra/operator/demo/happenings.ts';
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

describe('foldHappenings, for Auto Scaling', () => {
  const ABOUT = {
    scalingGroupName: 'search',
    transition: 'SCALE_OUT',
    instanceIds: ['i-1', 'i-2', 'i-3'],
    lifecycleHookName: 'until-it-serves',
  };
  const told = (kind: string, details: object = {}) =>
    foldHappenings([
      { atMs: NOW_MS, source: 'ess', kind, text: `${kind} in its words`, details: { ...ABOUT, ...details } },
    ]).map(({ text, tone }) => [tone, text]);
  const IN = { transition: 'SCALE_IN', lifecycleHookName: 'until-it-is-drained' };

  it('tells a scale-out from its beginning to its end', () => {
    expect([
      ...told('activity-started'),
      ...told('hook-waiting'),
      ...told('hook-completed', { result: 'CONTINUE', by: 'caller', waitedMs: 4_870 }),
      ...told('instances-in-service'),
      ...told('activity-ended', { statusCode: 'Successful', tookMs: 5_910 }),
    ]).toEqual([
      ['plain', 'search: scales out by 3: i-1, i-2, and 1 more'],
      ['plain', 'search: hook until-it-serves holds back 3 new instances'],
      ['good', 'search: hook until-it-serves was answered CONTINUE after 4.9 s'],
      ['good', 'search: 3 instances in service: i-1, i-2, and 1 more'],
      ['good', 'search: scaling out by 3 ended as Successful after 5.9 s'],
    ]);
  });

  it('tells a scale-in as one', () => {
    expect([
      ...told('activity-started', IN),
      ...told('hook-waiting', { ...IN, instanceIds: ['i-1'] }),
      ...told('hook-heartbeat', { ...IN, deadlineMs: Date.parse('2026-11-20T08:10:00Z') }),
      ...told('activity-ended', { ...IN, statusCode: 'Failed', tookMs: 60_000 }),
    ]).toEqual([
      ['leaving', 'search: scales in by 3: i-1, i-2, and 1 more'],
      ['plain', 'search: hook until-it-is-drained keeps 1 leaving instance'],
      ['quiet', 'search: hook until-it-is-drained waits on, until 2026-11-20T08:10:00.000Z'],
      ['bad', 'search: scaling in by 3 ended as Failed after 60.0 s'],
    ]);
  });

  it.each([
    ['caller', 'ABANDON', 'leaving', 'was answered ABANDON after 600.0 s'],
    ['timeout', 'CONTINUE', 'bad', 'timed out after 600.0 s, as CONTINUE'],
    ['other-hook', 'ROLLBACK', 'leaving', 'ended with another hook after 600.0 s, as ROLLBACK'],
  ])('tells a wait that ended by %s with %s from one that went well', (by, result, tone, words) => {
    expect(told('hook-completed', { by, result, waitedMs: 600_000 })).toEqual([
      [tone, `search: hook until-it-serves ${words}`],
    ]);
  });

  it('tells of notifications only that they did not arrive', () => {
    expect(told('hook-notified')).toEqual([]);
    expect(told('hook-notification-lost')).toEqual([['bad', 'hook-notification-lost in its words']]);
  });
});

describe('happeningOfCall', () => {
  const OPERATOR: Principal = {
    kind: 'administrator',
    accountId: '1',
    accessKeyId: 'LTAI1',
    roleName: null,
    sessionName: null,
  };
  const call = (overrides: Partial<CallRecord>): CallRecord => ({
    product: 'ess',
    action: 'ScaleWithAdjustment',
    principal: OPERATOR,
    subject: null,
    resources: [],
    parameters: {},
    requestId: 'r-1',
    startedAtMs: NOW_MS,
    endedAtMs: NOW_MS,
    applied: true,
    errorCode: null,
    ...overrides,
  });
  const text = (adjustmentType: string, adjustmentValue: number) =>
    happeningOfCall(call({ parameters: { scalingGroupId: 'asg-1', adjustmentType, adjustmentValue } }))?.text;

  it('tells an order to a scaling group', () => {
    expect(text('QuantityChangeInCapacity', -4)).toBe('ScaleWithAdjustment asg-1 by -4');
    expect(text('PercentChangeInCapacity', 50)).toBe('ScaleWithAdjustment asg-1 by 50 %');
    expect(text('TotalCapacity', 7)).toBe('ScaleWithAdjustment asg-1 to 7');
  });

  it('tells what Auto Scaling refused the functions, and says nothing of what it did for them', () => {
    const principal: Principal = { ...OPERATOR, kind: 'role-session', roleName: 'f', sessionName: 'c-1' };
    const refused = call({ principal, action: 'CompleteLifecycleAction', errorCode: 'Throttling' });

    expect(happeningOfCall(refused)).toMatchObject({
      who: 'ESS',
      tone: 'bad',
      text: 'CompleteLifecycleAction was refused: Throttling',
    });
    expect(happeningOfCall({ ...refused, errorCode: null })).toBeNull();
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
