import { fileURLToPath } from 'node:url';
import type { ChangeRequest } from '../../../../shared/requests/document.ts';
import * as checks from '../checks.ts';
import { functionCalls, slbWrites } from '../function-calls.ts';
import { QUICK_CLOUDS, type Scene } from '../scene.ts';
import type { Script } from '../script.ts';
import type { Stage } from '../stage.ts';
import { answeredOtherwise, differentTexts, plannedOtherwise } from './checks.ts';
import { type Desk, openDesk, type ReceivedResult } from './desk.ts';
import { checkDrain } from './drain.ts';
import { createSigner, withKeys } from './signer.ts';

const WEB = { name: 'web', group: 'rsp-bp1scene0000asked', port: 8080, instances: 8 } as const;
const ORDERS = { name: 'orders', group: 'rsp-bp1scene00approved', port: 9000, instances: 3 } as const;
const OUT = 5;
const DRAIN = { for: '12s', forMs: 12_000 } as const;
const ANSWER_MAX_MS = 10_000;

// Of this process alone: their private halves are nowhere else.
const ci = createSigner('ci', 'ci-scene');
const ops = createSigner('ops', 'ops-scene');

/**
 * Signed requests on the real queue, by two who may ask for different things: a drain that was foreseen, in force, and over
 * by itself; one that was forged, one about a stranger, one that somebody else has to approve; and at last a copy of the first.
 */
export const REQUESTS_SCENE: Scene = {
  name: 'requests',
  title: 'signed requests: a drain for a time, a dry run, a forgery, a stranger, an approval, a copy',
  configFile: fileURLToPath(new URL('./autopilot.yaml', import.meta.url)),
  completeConfig: (text) => withKeys(text, [ci, ops]),
  clouds: QUICK_CLOUDS,
  async play(stage, script) {
    const desk = await openDesk(stage.clouds);
    try {
      await play({ stage, script, desk });
    } finally {
      await desk.close();
    }
  },
};

interface Play {
  readonly stage: Stage;
  readonly script: Script;
  readonly desk: Desk;
}

async function play(here: Play): Promise<void> {
  const { stage, script, desk } = here;
  const cast = await setTheScene(here);
  const leaving = cast.web.slice(0, OUT);
  const hash = await foresee(here, leaving);
  const drain = ci.ask({
    requestId: 'drain-1',
    reason: 'kernel update',
    change: { kind: 'drain', binding: WEB.name, instances: [...leaving], for: DRAIN.for },
    planHash: hash,
  });
  const done = await drainForATime(here, drain);
  await refuseAStranger(here);
  await approve(here, cast.orders);
  await script.until('all are back by themselves, at their full weight', 30_000, () =>
    checks.groupsNotAsDesired(stage),
  );
  checkDrain({ stage, script, done, group: WEB.group, port: WEB.port, leaving, forMs: DRAIN.forMs });
  await repeat(here, drain, done);
  const texts = differentTexts(desk.results);
  script.check('every copy of a result is the very same text', texts.problems, texts.figures);
  checkWorld(here);
}

type Ids = ReadonlyArray<string>;

async function setTheScene({ stage, script }: Play): Promise<{ readonly web: Ids; readonly orders: Ids }> {
  script.step(`${WEB.instances} web instances and ${ORDERS.instances} orders instances start`);
  const start = ({ name, instances }: typeof WEB | typeof ORDERS) =>
    stage.clouds.ecs.runInstances({ amount: instances, tags: [{ key: 'role', value: name }] });
  const cast = { web: start(WEB), orders: start(ORDERS) };
  await script.until('all are in service', 25_000, () => [
    ...checks.groupsNotAsDesired(stage),
    ...[...cast.web, ...cast.orders].filter((id) => stage.clouds.ecs.find(id)?.status !== 'Running'),
  ]);
  return cast;
}

/** The hash of the plan that a dry run told. */
async function foresee(here: Play, leaving: Ids): Promise<string> {
  const { stage, script } = here;
  const before = slbWrites(stage.clouds.foundation).length;
  script.step(`ci asks what a drain of ${OUT} web instances for ${DRAIN.for} would do: a dry run`);
  const [foreseen] = await answersTo(
    here,
    ci.ask({
      requestId: 'dry-run-1',
      reason: 'before the kernel update',
      dryRun: true,
      change: { kind: 'drain', binding: WEB.name, instances: [...leaving], for: DRAIN.for },
    }),
  );
  const writes = slbWrites(stage.clouds.foundation).slice(before);
  const backends = leaving.map((id) => `${id}:${WEB.port}`);
  const plan = plannedOtherwise(foreseen?.plan, WEB.group, backends);
  script.check(
    'the dry run told its plan, weight 0 and the removal of each, and nothing was done',
    [
      ...answeredOtherwise(
        [foreseen].flatMap((each) => each ?? []),
        { outcome: 'foreseen', code: null },
      ),
      ...plan.problems,
      ...writes.map(({ action }) => action),
    ],
    plan.figures,
  );
  return foreseen?.planHash ?? '';
}

/** A forged copy first, under the same id: it must not stand in the way of the true request. */
async function drainForATime({ script, desk }: Play, drain: ChangeRequest): Promise<ReceivedResult | null> {
  script.step(
    'somebody sends a copy that is altered, then ci sends the true request, with the hash of the plan',
  );
  await desk.put({ ...drain, change: { ...drain.change, for: '168h' } as ChangeRequest['change'] });
  await desk.put(drain);
  const isForged = ({ code }: ReceivedResult) => code === 'bad-signature';
  await script.until('the altered copy and the true request are answered', ANSWER_MAX_MS, () => {
    const results = desk.of(drain.requestId);
    return results.some(isForged) && results.some((each) => !isForged(each)) ? [] : ['one is not answered'];
  });
  const results = desk.of(drain.requestId);
  script.check(
    'the altered copy was refused: bad-signature',
    answeredOtherwise(results.filter(isForged), { outcome: 'refused', code: 'bad-signature' }),
  );
  const done = results.filter((each) => !isForged(each));
  script.check(
    'the true request under the same id was done, by the plan of the dry run',
    [
      ...answeredOtherwise(done, { outcome: 'done', code: null }),
      ...done
        .filter(({ planHash }) => planHash !== drain.planHash)
        .map(() => 'it has the hash of another plan'),
    ],
    { secondsAsked: DRAIN.forMs / 1_000 },
  );
  return done[0] ?? null;
}

async function refuseAStranger(here: Play): Promise<void> {
  const [stranger = ''] = here.stage.clouds.ecs.runInstances({ amount: 1, tags: [] });
  here.script.step(`ci asks for a drain of ${stranger}, which is no web instance`);
  const results = await answersTo(
    here,
    ci.ask({
      requestId: 'stranger-1',
      reason: 'a slip of the hand',
      change: { kind: 'drain', binding: WEB.name, instances: [stranger], for: DRAIN.for },
    }),
  );
  here.script.check(
    'a request about a stranger was refused: not-a-member',
    answeredOtherwise(results, { outcome: 'refused', code: 'not-a-member' }),
  );
}

async function approve(here: Play, orders: Ids): Promise<void> {
  const { stage, script, desk } = here;
  const { foundation } = stage.clouds;
  const [instance = ''] = orders;
  const writesToOrders = () =>
    slbWrites(foundation).filter(({ subject }) => subject === loadBalancerOf(stage, ORDERS.name));
  const before = writesToOrders().length;
  script.step(`ci asks for a drain of ${instance} in orders, which somebody else has to approve`);
  const change = { kind: 'drain', binding: ORDERS.name, instances: [instance], for: '5s' } as const;
  const request = ci.ask({
    requestId: 'approved-1',
    reason: 'disk',
    change: { ...change, instances: [instance] },
  });
  const [waiting] = await answersTo(here, request);
  const approval = (requestId: string) => ({
    requestId,
    reason: 'seen',
    change: {
      kind: 'approve',
      binding: ORDERS.name,
      requestId: request.requestId,
      planHash: waiting?.planHash ?? '',
    } as const,
  });
  script.step('ci approves it itself, which does not count');
  const own = await answersTo(here, ci.ask(approval('approval-1')));
  script.check('until somebody else approved it the request waited, and nothing was done', [
    ...answeredOtherwise(desk.of(request.requestId), { outcome: 'awaiting-approval' }),
    ...writesToOrders()
      .slice(before)
      .map(({ action }) => action),
  ]);
  script.check(
    'its own requester could not approve it: self-approval',
    answeredOtherwise(own, { outcome: 'refused', code: 'self-approval' }),
  );
  script.step('ops approves it');
  const given = await answersTo(here, ops.ask(approval('approval-2')));
  await script.until('the approved request is done', ANSWER_MAX_MS, () =>
    desk.of(request.requestId).length > 1 ? [] : ['it has no result'],
  );
  script.check('approved by ops it was done', [
    ...answeredOtherwise(given, { outcome: 'done', code: null }),
    ...answeredOtherwise(desk.of(request.requestId).slice(1), {
      outcome: 'done',
      code: null,
      approvedBy: 'ops',
    }),
  ]);
}

async function repeat({ stage, script, desk }: Play, drain: ChangeRequest, done: ReceivedResult | null) {
  const { foundation } = stage.clouds;
  const writesBefore = slbWrites(foundation).length;
  const before = desk.results.length;
  script.step('ci sends its drain once more, the very same document');
  await desk.put(drain);
  await script.until('the copy is answered, and every message is done', 20_000, () => [
    ...(desk.results.length > before ? [] : ['it is not answered']),
    ...checks.undoneMessages(stage.clouds),
    ...checks.workUnderWay(stage.clouds),
  ]);
  const copies = desk.results.slice(before);
  script.check(
    'the copy was answered with the very same text',
    copies
      .filter(({ text }) => text !== done?.text)
      .map(({ requestId, outcome, reason }) => `${requestId} is ${outcome}: ${reason}`),
    { copies: copies.length },
  );
  const writes = slbWrites(foundation).slice(writesBefore);
  script.check(
    'and nothing was done: 0 SLB writes, every backend as before',
    [...writes.map(({ action, subject }) => `${action} on ${subject}`), ...checks.groupsNotAsDesired(stage)],
    { writesAfterCopy: writes.length },
  );
}

function checkWorld({ stage, script }: Play): void {
  const { clouds } = stage;
  script.check('the weights at the end are as configured', checks.groupsNotAsDesired(stage));
  script.check('no two writes to one load balancer overlapped', checks.overlappingWrites(stage));
  const calls = functionCalls(clouds.foundation).length;
  script.check('the RAM policy allowed every call', checks.deniedCalls(stage), { calls });
  script.check('every message is done, none in quarantine or given up', checks.undoneMessages(clouds));
}

/** Puts the request on the queue; its results as soon as there is one. */
async function answersTo(
  { script, desk }: Play,
  request: ChangeRequest,
): Promise<ReadonlyArray<ReceivedResult>> {
  const { requestId } = request;
  await desk.put(request);
  await script.until(`${requestId} is answered`, ANSWER_MAX_MS, () =>
    desk.of(requestId).length > 0 ? [] : ['there is no result'],
  );
  return desk.of(requestId);
}

function loadBalancerOf({ config }: Stage, name: string): string | undefined {
  return config.bindings.find((binding) => binding.name === name)?.loadBalancerId;
}
