import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handleChangeRequests } from '../../../functions/change-requests/handler.ts';
import { type Stage, setStage } from '../../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

describe('the queue of change requests', () => {
  it('loses nothing that nobody understands', async () => {
    const text = '{"kind":"slb-autopilot/change-request","version":9}';
    const message = {
      kind: 'not-understood',
      reason: 'change request: version',
      text,
      messageId: 'm-1',
      requestId: null,
    } as const;

    await handleChangeRequests(stage.worker(), [message]);

    expect(stage.rows('quarantine').map((row) => row.text)).toEqual([text]);
  });
});
