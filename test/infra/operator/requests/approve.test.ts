import { describe, expect, it } from 'vitest';
import { approveRequest } from '../../../../infra/operator/requests/approve.ts';
import { type ChangeRequest, ChangeRequestSchema } from '../../../../shared/requests/document.ts';
import { checkSignature } from '../../../../shared/requests/signature.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { aRequest, CI_KEY, OTHER_KEY } from '../../../support/requests.ts';
import { A_PLAN, anEndedRow, anErrand, aReader, aSentRow, PLAN_HASH } from './builders.ts';

const MEI = { requestedBy: 'mei', key: { id: 'mei-1', privateKey: OTHER_KEY.privateKey } };
const SAID = { requestId: 'deploy-4711', reason: 'I have looked', id: 'yes-1' };
const WAITING = aSentRow({ phase: 'awaiting-approval', plan: A_PLAN, planHash: PLAN_HASH });

/** The tables of a world in which the approval, once sent, is worked off at once. */
function approvingWorld(approval: 'done' | 'refused') {
  let given: ChangeRequest | null = null;
  const rows = () => {
    if (given === null) return [WAITING];
    const outcome = { outcome: approval, reason: approval === 'done' ? 'It goes ahead.' : 'Not by mei.' };
    return [approval === 'done' ? anEndedRow() : WAITING, anEndedRow(outcome, given)];
  };
  const reader = {
    ...aReader([]),
    byId: async (id: string) => rows().filter(({ request }) => request.requestId === id),
  };
  const made = anErrand(reader);
  const send = async (text: string) => {
    given = ChangeRequestSchema.parse(JSON.parse(text));
  };
  const errand = { ...made.errand, desk: { ...made.errand.desk, queue: { send } } };
  return { ...made, errand, given: () => given };
}

describe('approving a request', () => {
  it.each([
    ['that is not there', [], {}, 'There is no request deploy-4711. Nothing was approved.'],
    [
      'that waits for nothing',
      [anEndedRow()],
      {},
      'deploy-4711 waits for no approval: it is done. Nothing was approved.',
    ],
    [
      'whose plan is another one by now',
      [WAITING],
      { planHash: 'cd'.repeat(32) },
      `The plan of deploy-4711 is not the one with the hash ${'cd'.repeat(32)} any more. Nothing was approved.`,
    ],
  ])('sends nothing for one %s', async (_, rows, said, text) => {
    const { errand, sent } = anErrand(aReader(rows));

    await expect(approveRequest(errand, { ...SAID, ...said }, MEI)).rejects.toMatchObject({
      status: 1,
      text,
    });
    expect(sent).toEqual([]);
  });

  it('is for somebody else than who has asked', async () => {
    const { errand, sent } = anErrand(aReader([WAITING]));
    const ci = { requestedBy: 'ci', key: { id: 'ci-2026', privateKey: CI_KEY.privateKey } };

    await expect(approveRequest(errand, SAID, ci)).rejects.toMatchObject({
      status: 1,
      text: 'deploy-4711 was asked for by ci: somebody else has to approve it. Nothing was approved.',
    });
    expect(sent).toEqual([]);
  });

  it('takes a reason and a key', async () => {
    const { errand } = anErrand(aReader([WAITING]));

    await expect(approveRequest(errand, { requestId: 'deploy-4711' }, MEI)).rejects.toMatchObject({
      status: 2,
      text: '--reason is missing (--reason "kernel update").',
    });
    const unsigned = { requestedBy: 'mei', key: null };
    await expect(
      approveRequest(anErrand(aReader([WAITING], [])).errand, SAID, unsigned),
    ).rejects.toMatchObject({
      status: 1,
      text: 'It would be refused (unsigned): approve is always to be signed; --key FILE signs it. Nothing was sent.',
    });
  });

  it('ends as the approval does when that is refused', async () => {
    const { errand, out } = approvingWorld('refused');

    await expect(approveRequest(errand, SAID, MEI)).rejects.toMatchObject({ status: 1, text: null });
    expect(out.text()).toContain('Not by mei.');
  });

  it('shows the plan, sends a signed approval of it, and follows both', async () => {
    const { errand, out, given } = approvingWorld('done');

    await approveRequest(errand, SAID, MEI);

    expect(given()).toMatchObject({
      requestId: 'yes-1',
      requestedBy: 'mei',
      change: { kind: 'approve', binding: 'web', requestId: 'deploy-4711', planHash: PLAN_HASH },
    });
    expect(checkSignature(given() ?? aRequest(), errand.policy.requests.requesters, NOW_MS).kind).toBe(
      'good',
    );
    expect(out.text().split('\n')).toEqual([
      'deploy-4711: drain i-bp1a of web for 2h, asked by ci: kernel update',
      'What would be done:',
      '  ~ i-bp1a :8080  set-weight 0',
      '  ! i-bp1a :8080  held by min-in-service',
      `Plan hash: ${PLAN_HASH}`,
      'yes-1: approve deploy-4711 of web, asked by mei, signed with mei-1.',
      'done: yes-1, approve deploy-4711 of web',
      'It goes ahead.',
      'done: deploy-4711, drain i-bp1a of web for 2h',
      'i-bp1a is out of web until 06:18.',
      '',
    ]);
  });

  it('is one JSON document about both with --json', async () => {
    const { errand, out } = approvingWorld('done');

    await approveRequest({ ...errand, isJson: true }, SAID, MEI);

    expect(JSON.parse(out.text())).toMatchObject({
      approval: { requestId: 'yes-1', outcome: 'done' },
      approved: { requestId: 'deploy-4711', outcome: 'done' },
    });
  });
});
