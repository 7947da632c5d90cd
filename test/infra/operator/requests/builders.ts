import pc from 'picocolors';
import type { Errand } from '../../../../infra/operator/requests/carry-out.ts';
import type { Screen } from '../../../../infra/operator/terminal.ts';
import type { Pace } from '../../../../infra/operator/watching.ts';
import { canonicalHash } from '../../../../shared/events/json.ts';
import type { ChangeRequest } from '../../../../shared/requests/document.ts';
import type { RequestPlan, RequestResult, RequestRow } from '../../../../shared/requests/model.ts';
import type { RequestReader } from '../../../../shared/requests/ports.ts';
import { aBinding, NOW_MS } from '../../../support/builders.ts';
import { aRequest, aRequester, aRequestRow, OTHER_KEY, signed } from '../../../support/requests.ts';

/** No colours. */
export const PLAIN = pc.createColors(false);

/** Takes one instance out, which a guard would hold. */
export const A_PLAN: RequestPlan = {
  steps: [{ subject: 'rsp-bp1web000001/i-bp1a:8080', action: 'set-weight', to: '0' }],
  held: ['rsp-bp1web000001/i-bp1a:8080: min-in-service'],
};
/** What stands for its hash. */
export const PLAN_HASH = 'ab'.repeat(32);

/** The row of a request that came just now, by default of {@link aRequest} with its signature. */
export function aSentRow(
  overrides: Partial<RequestRow> = {},
  request: ChangeRequest = signed(aRequest()),
): RequestRow {
  return aRequestRow({ request, payloadHash: canonicalHash(request), ...overrides });
}

/** It is done. */
export function aResult(overrides: Partial<RequestResult> = {}): RequestResult {
  return {
    outcome: 'done',
    code: null,
    reason: 'i-bp1a is out of web until 06:18.',
    plan: null,
    planHash: null,
    expectedPlan: null,
    calls: [],
    endedAtMs: NOW_MS,
    ...overrides,
  };
}

/** The row of a request that has ended. */
export function anEndedRow(overrides: Partial<RequestResult> = {}, request?: ChangeRequest): RequestRow {
  return aSentRow({ phase: 'ended', result: aResult(overrides) }, request);
}

/** A screen that keeps what is written. */
export function aScreen(isInteractive = false, columns = 100): Screen & { readonly text: () => string } {
  let text = '';
  return {
    write: (written) => {
      text += written;
    },
    isInteractive,
    size: () => ({ columns, rows: 40 }),
    colors: PLAIN,
    text: () => text,
  };
}

/** Time that passes only while somebody waits; `onPause` is told how often that was. */
export function aPace(onPause: (times: number) => void = () => {}): Pace {
  let nowMs = NOW_MS;
  let times = 0;
  return {
    clock: { nowMs: () => nowMs },
    async pause(ms) {
      nowMs += ms;
      times += 1;
      onPause(times);
    },
  };
}

/** Answers what is in turn for an id, the last one for ever; an Error is thrown. */
export function aReader(
  ...answers: ReadonlyArray<ReadonlyArray<RequestRow> | Error>
): RequestReader & { readonly asked: () => number } {
  let asked = 0;
  const rows = () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    byId: async (id) => rows().filter(({ request }) => request.requestId === id),
    allOpen: async () => rows().filter(({ result }) => result === null),
    ofDay: async () => rows(),
    asked: () => asked,
  };
}

/** An errand of whoever has a terminal: `ci` may drain, `mei` may approve. */
export function anErrand(requests: RequestReader, overrides: Partial<Errand> = {}) {
  const sent: Array<string> = [];
  const out = aScreen();
  const err = aScreen();
  const errand: Errand = {
    desk: {
      requests,
      queue: {
        send: async (text) => {
          sent.push(text);
        },
      },
      clock: { nowMs: () => NOW_MS },
      newId: () => '0b54fd54-1f76-4c6b-9c38-0a7f5b2f8f10',
    },
    policy: {
      bindings: [aBinding()],
      pairs: [],
      requests: {
        areSignaturesRequired: true,
        requesters: [
          aRequester({ may: new Set(['drain', 'approve']) }),
          aRequester({
            name: 'mei',
            keys: [{ id: 'mei-1', publicKey: OTHER_KEY.publicKey, fromMs: null, untilMs: null }],
            may: new Set(['approve']),
          }),
        ],
      },
    },
    terminal: { out, err },
    pace: aPace(),
    stop: null,
    isJson: false,
    isWaiting: true,
    limitMs: 600_000,
    ...overrides,
  };
  return { errand, sent, out, err };
}
