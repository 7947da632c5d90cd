import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openPairDesk } from '../../../../infra/operator/pairs/desk.ts';
import { previewOrder } from '../../../../infra/operator/pairs/preview.ts';
import { parseConfig } from '../../../../shared/config/load.ts';
import type { PairOrder } from '../../../../shared/pairs/record.ts';
import type { ProbeResult } from '../../../../shared/readiness/model.ts';
import { type CommandStageOptions, setCommandStage } from './command-stage.ts';

const ORDER: PairOrder = {
  kind: 'promote',
  orderId: 'order-1',
  to: null,
  by: 'mei',
  reason: 'patch day',
  orderedAtMs: Date.now(),
  overridesCoolDown: false,
};

/** A preview of the order, with what instances would answer a probe from here. */
async function aPreview(asksInstances: boolean, answer: ProbeResult, options: CommandStageOptions = {}) {
  const stage = await setCommandStage(options);
  await stage.tick();
  const { endpoints, foundation, tablestore } = stage.clouds;
  const { accountId, administrator } = foundation.identities;
  const config = parseConfig(readFileSync(stage.config, 'utf8'), 'autopilot.yaml');
  const [pair] = config.pairs;
  if (pair === undefined) throw new Error('there is no pair');
  const asked: Array<number> = [];
  const desk = openPairDesk(config, {
    accountId,
    otsInstance: tablestore.instanceName,
    endpoints,
    accessKey: administrator,
  });
  const prober = {
    async probe(_privateIp: string, port: number) {
      asked.push(port);
      return answer;
    },
  };
  return { ...stage, asked, preview: await previewOrder({ ...desk, prober }, pair, ORDER, asksInstances) };
}

describe('a preview', () => {
  it('asks nobody from here unless it is told to, and says whom it took to answer', async () => {
    const { asked, preview } = await aPreview(false, { isReady: false, reason: 'no answer' });

    expect(asked).toEqual([]);
    expect(preview).toMatchObject({ reason: null, saga: { kind: 'promotion' } });
    expect(preview.presumed).toHaveLength(2);
    expect(preview.calls.map(({ api }) => api)).toEqual([
      'CreateMasterSlaveServerGroup',
      'SetLoadBalancerTCPListenerAttribute',
      'DeleteMasterSlaveServerGroup',
    ]);
  });

  it('believes the answers when it is told to ask', async () => {
    const { asked, preview, secondaryId } = await aPreview(true, { isReady: false, reason: 'no answer' });

    expect(asked).toContain(3306);
    expect(preview).toEqual({
      saga: null,
      reason: `it must not become the primary: ${secondaryId}: probe says no answer`,
      calls: [],
      presumed: [],
    });
  });

  it('has nothing to take for granted where candidates are not probed', async () => {
    const { asked, preview } = await aPreview(
      true,
      { isReady: false, reason: 'no answer' },
      { pair: { candidate: 'running-for', runningFor: '1h' } },
    );

    expect(asked).toEqual([]);
    expect(preview.reason).toMatch(/has to run until \S+Z$/);
  });
});
