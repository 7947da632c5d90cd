import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../../../infra/local/scenes/stage.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { RECONCILE_FUNCTION } from '../../../shared/sweep/model.ts';
import { until } from '../../support/stage.ts';

const DUE = '2026-04-09T05:05:30Z';
const CONFIGURATION = {
  version: 1,
  region: 'cn-hangzhou',
  bindings: ['a', 'b'].map((name) => ({
    name,
    loadBalancer: `lb-bp1fictional${name}`,
    vServerGroup: `rsp-bp1fictional${name}`,
    selector: { tags: { role: name } },
    ports: [{ port: 8_080 }],
  })),
  sweep: { inPlace: 1 },
};

let stage: Stage;
const folder = mkdtempSync(join(tmpdir(), 'slb-autopilot-sweep-'));
beforeAll(async () => {
  const configFile = join(folder, 'autopilot.yaml');
  writeFileSync(configFile, JSON.stringify(CONFIGURATION));
  stage = await openStage({
    config: loadConfig(configFile),
    configFile,
    clouds: {},
    onProgress: () => {},
  });
}, 60_000);
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

describe('the deployed sweep', () => {
  it('starts a task for each load balancer as its role may, and a doubled timer starts no other', async () => {
    const { host, foundation } = stage.clouds;
    const fire = async () => {
      const tick = { triggerTime: DUE, triggerName: 'sweep', payload: '' };
      const event = Buffer.from(JSON.stringify(tick));
      const { headers, body } = await host.invoke('slb-autopilot-drift-sweep', event);
      expect(headers['x-fc-error-type'], body.toString()).toBeUndefined();
      return JSON.parse(body.toString()).sweep;
    };
    const ids = ['lb-bp1fictionala', 'lb-bp1fictionalb'];

    expect(await fire()).toMatchObject({ kind: 'fanned-out', started: ids, failed: {} });
    expect(await fire()).toMatchObject({ started: [], already: ids, failed: {} });

    await until(() => host.tasks(RECONCILE_FUNCTION).every(({ state }) => state === 'Succeeded'), 30_000);
    expect(host.tasks(RECONCILE_FUNCTION).map(({ taskId }) => taskId)).toEqual(
      ids.map((id) => `${id}_20260409T050530Z`),
    );
    const { records } = foundation.gate;
    expect(records.filter(({ errorCode }) => errorCode === 'AccessDenied')).toEqual([]);
    expect(records.filter(({ action }) => action === 'DescribeVServerGroupAttribute')).toHaveLength(2);
  }, 60_000);
});
