import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../shared/errors.ts';
import type { BackendChange } from '../../../shared/requests/document.ts';
import { type ForeseeRequestDeps, foreseeRequests } from '../../../shared/requests/foresee.ts';
import {
  aBackend,
  aBinding,
  aListener,
  aLoadBalancer,
  anInstance,
  anInterface,
  aRow,
  GROUP,
} from '../../support/builders.ts';
import { MemoryWorld } from '../../support/memory-world.ts';
import { aRowOf } from '../../support/requests.ts';

const OF_WEB = { binding: 'web', instances: ['i-1'] };
const DRAIN: BackendChange = { kind: 'drain', ...OF_WEB, for: '1h' };
const ALL = { kind: 'set-weight', binding: 'web', instances: 'all', for: '1h' } as const;
const ids = ['i-0', 'i-1', 'i-2'];

/** Three in service, and what else is said; pairs play no part. */
function aWorld(more: Partial<ConstructorParameters<typeof MemoryWorld>[0]> = {}) {
  const world = new MemoryWorld({
    instances: ids.map((id) => anInstance(id)),
    backends: ids.map((id) => aBackend(id)),
    rows: ids.map((id) => aRow(id)),
    ...more,
  });
  const deps = { ...world.deps, scaling: world.deps.scaling } as unknown as ForeseeRequestDeps;
  return { world, deps };
}
const policy = (binding = aBinding()) => ({
  requests: { areSignaturesRequired: false, requesters: [] },
  bindings: [binding],
  pairs: [],
});
async function foreseen(change: BackendChange, more = {}, binding = aBinding()) {
  const { world, deps } = aWorld({ bindings: [binding], ...more });
  const answers = await foreseeRequests(deps, policy(binding), [aRowOf('r-1', change)], world.nowMs);
  return [...answers.values()][0];
}

describe('what a request would do', () => {
  it('is told in steps of its own backends alone, and writes nothing', async () => {
    const { world, deps } = aWorld();
    const [answer] = [
      ...(await foreseeRequests(deps, policy(), [aRowOf('r-1', DRAIN)], world.nowMs)).values(),
    ];

    expect(answer).toMatchObject({
      kind: 'plan',
      plan: {
        steps: [
          { subject: `${GROUP}/i-1:8080`, action: 'set-weight', to: 'weight 0' },
          { subject: `${GROUP}/i-1:8080`, action: 'remove', to: 'after 30 s' },
        ],
        held: [],
      },
    });
    expect([world.sent, world.row('i-1')?.orders]).toEqual([[], []]);
  });

  it('is about all addresses of a network interface, and about no instance of another type', async () => {
    const binding = aBinding({ type: 'eni', addresses: 'all' });
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
    const interfaces = ['eni-0', 'eni-1', 'eni-2'].flatMap((id) =>
      addresses.map((serverIp) => ({ id, serverIp })),
    );
    const more = {
      instances: ['eni-0', 'eni-1', 'eni-2'].map((id) => anInterface(id, addresses)),
      backends: interfaces.map(({ id, serverIp }) => aBackend(id, { serverIp })),
      rows: interfaces.map(({ id, serverIp }) => aRow(id, { serverIp })),
    };

    const answer = await foreseen({ ...DRAIN, instances: ['eni-1'] }, more, binding);
    const subjects = answer?.kind === 'plan' ? answer.plan.steps.map(({ subject }) => subject) : [];
    expect([...new Set(subjects)]).toEqual(addresses.map((address) => `${GROUP}/eni-1@${address}:8080`));

    for (const kind of ['drain', 'join'] as const) {
      expect(await foreseen({ ...DRAIN, kind, instances: ['i-1'] }, more, binding)).toMatchObject({
        code: 'not-a-member',
        reason: expect.stringMatching(/^i-1: /),
      });
    }
  });

  it('has the same hash at another time and under another id, and another one when it is another plan', async () => {
    const { world, deps } = aWorld();
    const hashes = async (id: string, change: BackendChange) =>
      [...(await foreseeRequests(deps, policy(), [aRowOf(id, change)], world.nowMs)).values()].map((each) =>
        each.kind === 'plan' ? each.hash : each.kind,
      );
    const first = await hashes('r-1', DRAIN);
    world.nowMs += 3_600_000;

    expect(await hashes('r-2', DRAIN)).toEqual(first);
    expect(await hashes('r-3', { ...DRAIN, instances: ['i-2'] })).not.toEqual(first);
  });

  it('of all instances is about those that are in the group, with the weight that is meant for each', async () => {
    const xlarge = { instanceType: 'ecs.g7.xlarge' };
    const instances = [anInstance('i-0'), anInstance('i-1', xlarge), anInstance('i-2', xlarge)];
    const weights = [
      { instance: 'i-2', weight: 5 },
      { instanceType: 'ecs.g7.xlarge', weight: 40 },
    ];
    const change: BackendChange = {
      kind: 'set-weight',
      binding: 'web',
      instances: 'all',
      weights,
      for: '1h',
    };
    const stepsOf = (answer: Awaited<ReturnType<typeof foreseen>>) =>
      answer?.kind === 'plan' ? answer.plan.steps.map(({ subject, to }) => `${subject} ${to}`) : answer;

    expect(stepsOf(await foreseen(change, { instances }))).toEqual([
      `${GROUP}/i-1:8080 weight 40`,
      `${GROUP}/i-2:8080 weight 5`,
    ]);
    expect(stepsOf(await foreseen({ ...change, weight: 70 }, { instances }))).toEqual([
      `${GROUP}/i-0:8080 weight 70`,
      `${GROUP}/i-1:8080 weight 40`,
      `${GROUP}/i-2:8080 weight 5`,
    ]);
  });

  it.each<[string, BackendChange, object, RegExp]>([
    ['a stranger', { ...DRAIN, instances: ['i-9'] }, {}, /web neither has it nor selects it/],
    ['all of nobody', { ...ALL, weight: 5 }, { rows: [], backends: [] }, /web has nobody in its group/],
    [
      'the weight of somebody whom it is not about',
      { ...ALL, instances: ['i-1'], weights: [{ instance: 'i-2', weight: 5 }] },
      {},
      /i-2: it has a weight, and is none of those/,
    ],
    [
      'weights that are about nobody',
      { ...ALL, weights: [{ zone: 'cn-hangzhou-x', weight: 5 }] },
      {},
      /none of its instances is of these instance types and zones/,
    ],
    ['a port that the binding has not', { ...DRAIN, ports: [9090] }, {}, /web has no port 9090/],
    [
      'a join of what ECS does not know',
      { kind: 'join', ...OF_WEB, instances: ['i-9'], for: '1h' },
      {},
      /ECS does not list it/,
    ],
    [
      'what somebody else has put into the group',
      DRAIN,
      { rows: [aRow('i-0')], backends: [aBackend('i-0'), aBackend('i-1', { description: 'by hand' })] },
      /i-1:8080: somebody else has put it into the group/,
    ],
    [
      'what another binding alone has a record of',
      { ...DRAIN, instances: ['i-9'] },
      {
        instances: [anInstance('i-9', { tags: {} })],
        rows: [aRow('i-9', { vServerGroupId: 'rsp-bp1another' })],
      },
      /i-9: web neither has it nor selects it/,
    ],
  ])('cannot be told for %s', async (_, change, more, reason) => {
    expect(await foreseen(change, more)).toEqual({
      kind: 'impossible',
      code: 'not-a-member',
      reason: expect.stringMatching(reason),
    });
  });

  it('cannot be told for weights by instance type of servers that have none', async () => {
    const change: BackendChange = { ...ALL, weights: [{ instanceType: 'ecs.g7.large', weight: 5 }] };

    expect(await foreseen(change, {}, aBinding({ type: 'eni' }))).toMatchObject({
      kind: 'impossible',
      reason: 'weights by instance type: the backends of web are of type eni, which has none',
    });
  });

  it('is told for what somebody else has put there, where the binding adopts it', async () => {
    const more = {
      rows: [aRow('i-0')],
      backends: [aBackend('i-0'), aBackend('i-1', { description: 'by hand' })],
    };

    expect(await foreseen(DRAIN, more, aBinding({ adopt: true }))).toMatchObject({
      kind: 'plan',
      plan: { steps: [{ action: 'set-weight' }, { action: 'remove' }] },
    });
  });

  it('is refused when its plan is too large to be kept', async () => {
    const ports = Array.from({ length: 40 }, (_, index) => ({ port: 8_000 + index, weight: 100 }));
    const many = Array.from({ length: 20 }, (_, index) => `i-${index}`);
    const listed = many.flatMap((id) => ports.map(({ port }) => ({ id, port })));
    const more = {
      instances: [...many, 'i-stays'].map((id) => anInstance(id)),
      backends: [...listed, ...ports.map(({ port }) => ({ id: 'i-stays', port }))].map(({ id, port }) =>
        aBackend(id, { port }),
      ),
      rows: [...listed, ...ports.map(({ port }) => ({ id: 'i-stays', port }))].map(({ id, port }) =>
        aRow(id, { port }),
      ),
    };

    expect(await foreseen({ ...DRAIN, instances: many }, more, aBinding({ ports }))).toMatchObject({
      kind: 'impossible',
      code: 'declined',
      reason: 'it comes to 1600 steps, at most 1000 are allowed: ask in parts',
    });
  });
});

describe('many requests of one lane', () => {
  const rows = Array.from({ length: 50 }, (_, index) =>
    aRowOf(`r-${index}`, { ...DRAIN, instances: [ids[index % 3] ?? ''] }),
  );

  it('cost one look at the clouds', async () => {
    const { world, deps } = aWorld();
    world.loadBalancer = aLoadBalancer({ listeners: [aListener()] });
    let healths = 0;
    const health = async () => {
      healths++;
      return [];
    };

    const answers = await foreseeRequests(
      { ...deps, loadBalancers: { ...deps.loadBalancers, health } },
      policy(),
      rows,
      world.nowMs,
    );

    expect([...answers.values()].every(({ kind }) => kind === 'plan')).toBe(true);
    expect([world.calls, healths]).toEqual([[`describe ${GROUP}`], 1]);
  });

  it('come back later when it fails, each of them', async () => {
    const { world, deps } = aWorld();
    world.onInstances = () => {
      throw new TransientError('ECS is busy', 'busy');
    };

    const answers = await foreseeRequests(deps, policy(), rows.slice(0, 2), world.nowMs);

    expect([...answers.values()]).toEqual([
      { kind: 'failed', reason: 'ECS is busy' },
      { kind: 'failed', reason: 'ECS is busy' },
    ]);
  });

  it('come back later, too, when it is a defect of ours that one of them brings to light', async () => {
    const { world, deps } = aWorld();
    world.onInstances = () => {
      throw new TypeError('undefined is not a function');
    };
    const errors: Array<string> = [];
    const logger = { ...deps.logger, error: (_: object, text: string) => void errors.push(text) };

    const answers = await foreseeRequests({ ...deps, logger }, policy(), rows.slice(0, 1), world.nowMs);

    expect([...answers.values()]).toMatchObject([{ kind: 'failed' }]);
    expect(errors).toHaveLength(1);
  });
});
