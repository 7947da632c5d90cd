import { describe, expect, it } from 'vitest';
import { carryOutRequest } from '../../../../infra/operator/requests/carry-out.ts';
import { RejectedError } from '../../../../shared/errors.ts';
import { aRequest, OTHER_KEY, signed } from '../../../support/requests.ts';
import { A_PLAN, anEndedRow, anErrand, aReader, aSentRow, PLAN_HASH } from './builders.ts';

const REQUEST = signed(aRequest());

describe('a request from the terminal', () => {
  it.each([
    [
      'not signed',
      aRequest(),
      'It would be refused (unsigned): it is not signed, and signatures are required; --key FILE signs it. Nothing was sent.',
    ],
    [
      'signed by somebody else',
      signed(aRequest(), OTHER_KEY),
      'It would be refused (bad-signature): the signature does not belong to what it says. Nothing was sent.',
    ],
    [
      'too late',
      signed(aRequest({ notAfter: '2026-04-09T04:00:00Z' })),
      'It would be refused (expired): it was to be begun before 2026-04-09T04:00:00Z. Nothing was sent.',
    ],
    [
      'about nothing',
      signed(aRequest({ change: { kind: 'drain', binding: 'wbe', instances: ['i-a'], for: '2h' } })),
      'It would be refused (right-not-held): ci may not ask for anything of wbe. Nothing was sent.',
    ],
  ])('is not sent when it is %s', async (_, request, text) => {
    const { errand, sent } = anErrand(aReader([]));

    await expect(carryOutRequest(errand, request)).rejects.toMatchObject({ status: 1, text });
    expect(sent).toEqual([]);
  });

  it('is not sent under the id of another one', async () => {
    const { errand, sent } = anErrand(aReader([anEndedRow()]));

    await expect(carryOutRequest(errand, signed(aRequest({ reason: 'another' })))).rejects.toMatchObject({
      status: 1,
      text: 'The id deploy-4711 belongs to another request (drain i-bp1a of web for 2h, by ci). Nothing was sent.',
    });
    expect(sent).toEqual([]);
  });

  it('ends with 3 when it may not have been sent', async () => {
    const { errand } = anErrand(aReader([]));
    const send = async () => {
      throw new RejectedError('The queue is not there.');
    };

    await expect(
      carryOutRequest({ ...errand, desk: { ...errand.desk, queue: { send } } }, REQUEST),
    ).rejects.toMatchObject({
      status: 3,
      text: 'deploy-4711 may not have been sent (autopilot show deploy-4711 tells): The queue is not there.',
    });
  });

  it('is sent as it was signed, followed, and told in sentences', async () => {
    const { errand, sent, out, err } = anErrand(aReader([], [aSentRow()], [anEndedRow()]));

    await carryOutRequest(errand, REQUEST);

    expect(sent.map((text) => JSON.parse(text))).toEqual([REQUEST]);
    expect(out.text().split('\n')).toEqual([
      'deploy-4711: drain i-bp1a of web for 2h, asked by ci, signed with ci-2026.',
      '   0.0 s  received',
      'done: deploy-4711, drain i-bp1a of web for 2h',
      'i-bp1a is out of web until 06:18.',
      '',
    ]);
    expect(err.text()).toBe('');
  });

  it('is one JSON document with --json, and what people read stands elsewhere', async () => {
    const result = { outcome: 'refused', code: 'stale-plan', plan: A_PLAN, planHash: PLAN_HASH } as const;
    const { errand, out, err } = anErrand(aReader([], [anEndedRow(result)]), { isJson: true });

    await expect(carryOutRequest(errand, REQUEST)).rejects.toMatchObject({ status: 1, text: null });

    expect(JSON.parse(out.text())).toMatchObject({
      requestId: 'deploy-4711',
      outcome: 'refused',
      code: 'stale-plan',
      plan: A_PLAN,
      planHash: PLAN_HASH,
    });
    expect(err.text()).toContain('asked by ci');
  });

  it('needs no right to read where nobody waits', async () => {
    const { errand, sent, out } = anErrand(aReader(new RejectedError('Not you.')), { isWaiting: false });

    await carryOutRequest(errand, REQUEST);

    expect(sent).toHaveLength(1);
    expect(out.text()).toContain('It is sent. autopilot show deploy-4711 tells what becomes of it.');
  });
});
