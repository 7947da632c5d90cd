import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleReconcileLoadBalancer } from '../../../functions/reconcile-load-balancer/handler.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import { writeReconcile } from '../../../shared/events/reconcile.ts';
import { aBinding, LB } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';

const order = (loadBalancerId: string) => parseBatch(Buffer.from(writeReconcile(loadBalancerId, 0)));

let stage: Stage;
beforeEach(async () => {
  stage = await setStage({ bindings: [aBinding({ drain: { timeMs: 0 } })] });
});
afterEach(() => stage.close());

describe('an order of a sweep', () => {
  it('that cannot be read is an error, which the platform repeats and then tells', async () => {
    for (const payload of [
      'nothing',
      '{"kind":"slb-autopilot/reconcile","version":2}',
      writeReconcile('rsp-1', 0),
    ]) {
      const events = parseBatch(Buffer.from(payload));

      await expect(handleReconcileLoadBalancer(stage.worker(), events)).rejects.toThrow('no load balancer');
    }
  });

  it('is an error when the load balancer cannot be compared, and nothing is written then', async () => {
    const worker = stage.worker();
    await stage.running(1);
    const describeNothing = async () => await Promise.reject(new Error('no answer'));
    const blind = { ...worker, loadBalancers: { ...worker.loadBalancers, describe: describeNothing } };

    await expect(handleReconcileLoadBalancer(blind, order(LB))).rejects.toThrow(
      `${LB} was not compared: no answer`,
    );
    expect(stage.slbWrites()).toEqual([]);
  });

  it('brings in what no event ever told of', async () => {
    const [id] = await stage.running(1);

    const { reconciled } = await handleReconcileLoadBalancer(stage.worker(), order(LB));

    expect(reconciled?.comparison).toEqual({ compared: [LB], held: [], different: [LB], failed: {} });
    expect(Object.keys(reconciled?.lanes ?? {})).toEqual([LB]);
    await stage.tickUntil(stage.worker(), () => stage.group().join() === `${id}:8080=100`);
  });

  it('writes nothing but its report where nothing differs', async () => {
    const { reconciled } = await handleReconcileLoadBalancer(stage.worker(), order(LB));

    expect(reconciled).toMatchObject({
      comparison: { compared: [LB], held: [], different: [], failed: {} },
      lanes: {},
      counts: { groups: 1, found: 0, corrected: 0 },
    });
    expect([stage.slbWrites(), stage.rows('lanes'), stage.rows('backends')]).toEqual([[], [], []]);
    expect(stage.rows('audit')).toMatchObject([{ subject: 'sweep:cn-hangzhou', action: 'sweep-reported' }]);
  });

  it('for a load balancer that no binding names any more does nothing', async () => {
    expect(await handleReconcileLoadBalancer(stage.worker(), order('lb-bp1gone'))).toEqual({
      loadBalancerId: 'lb-bp1gone',
      reconciled: null,
    });
  });
});
