import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setDeclaredGroup } from './refused-writes/declaration-stage.ts';
import { setGroupStage } from './refused-writes/group-stage.ts';
import { setTurningPair } from './refused-writes/pair-stage.ts';
import type { Aftermath, WriteStage } from './refused-writes/stage.ts';
import { codesOf, type NextStep } from './slb-codes.ts';

const MINUTE = 60;
const HOUR = 3_600;

/** How long a group, or a backend of it, is left alone, in seconds, and whether the reason stands with the backend at once. */
type Pause = readonly [least: number, most: number, isHeld: boolean];
/** Wake-ups come in whole seconds, and the tick once a minute. */
const SLACK = 65;

const BACKEND_PAUSES: Readonly<Record<NextStep, Pause>> = {
  throttled: [1, MINUTE + SLACK, false],
  busy: [1, 10, false],
  unavailable: [1, 10, false],
  'unknown-outcome': [1, 10, false],
  conflict: [1, 10, false],
  'in-use': [1, 10, false],
  'not-yet': [1, 10, true],
  'backend-yet': [1, 10, true],
  unrecognised: [1, 10, true],
  backend: [MINUTE, MINUTE + SLACK, true],
  rejected: [MINUTE, MINUTE + SLACK, true],
  'missing-listener': [MINUTE, MINUTE + SLACK, true],
  'missing-group': [MINUTE, MINUTE + SLACK, false],
  forbidden: [5 * MINUTE, 5 * MINUTE + SLACK, true],
  defect: [HOUR, HOUR + SLACK, true],
};

/** Whether a change of a pair goes on after it, or turns back. */
const GOES_ON: ReadonlySet<NextStep> = new Set<NextStep>([
  'throttled',
  'busy',
  'unavailable',
  'unknown-outcome',
  'conflict',
  'in-use',
  'not-yet',
  'unrecognised',
  'missing-listener',
]);

function expectPause(aftermath: Aftermath, next: NextStep): void {
  const [least, most, isHeld] = BACKEND_PAUSES[next];
  expect(aftermath.pauseSeconds).toBeGreaterThanOrEqual(least);
  expect(aftermath.pauseSeconds).toBeLessThanOrEqual(most);
  expect(aftermath.isDone).toBe(true);
  if (isHeld) expect(aftermath.held).toContain(`request ${aftermath.requestId}`);
  else expect(aftermath.held).toBeNull();
}

function expectTurn(aftermath: Aftermath, next: NextStep): void {
  expect([next, aftermath.isDone]).toEqual([next, GOES_ON.has(next)]);
  if (GOES_ON.has(next)) expect(aftermath.held).toBeNull();
  else expect(aftermath.held).toContain(`request ${aftermath.requestId}`);
}

/** SLB reads anew whether a group that it calls missing is there, and deletes it then. */
function expectDelete(aftermath: Aftermath, next: NextStep): void {
  expectTurn(aftermath, next === 'missing-group' ? 'in-use' : next);
}

/** How long a declared group is left alone, in seconds, and whether the reason stands with it at once. */
const DECLARED_PAUSES: Readonly<Record<NextStep, Pause>> = {
  ...BACKEND_PAUSES,
  throttled: [0.5, MINUTE + SLACK, false],
  busy: [0.5, 5, false],
  unavailable: [0.5, 5, false],
  // A create that may yet land is given its time.
  'unknown-outcome': [0.5, 20, false],
  conflict: [0.5, 5, false],
  'in-use': [0.5, 5, false],
  'not-yet': [0.5, 5, false],
  unrecognised: [0.5, 5, false],
  'backend-yet': [MINUTE, MINUTE + SLACK, true],
  'missing-group': [MINUTE, MINUTE + SLACK, true],
};

function expectDeclared(aftermath: Aftermath, next: NextStep): void {
  const [least, most, isHeld] = DECLARED_PAUSES[next];
  expect(aftermath.pauseSeconds).toBeGreaterThanOrEqual(least);
  expect(aftermath.pauseSeconds).toBeLessThanOrEqual(most);
  expect(aftermath.isDone).toBe(true);
  if (isHeld) expect(aftermath.held).toContain(`request ${aftermath.requestId}`);
  else expect(aftermath.held).toBeNull();
}

/** Every operation that the product writes with: how it is brought about, and what is to come of a refusal. */
const WRITES: ReadonlyArray<
  readonly [
    operation: string,
    set: (operation: string) => Promise<WriteStage>,
    expectNext: (aftermath: Aftermath, next: NextStep) => void,
  ]
> = [
  ['AddVServerGroupBackendServers', setGroupStage, expectPause],
  ['SetVServerGroupAttribute', setGroupStage, expectPause],
  ['RemoveVServerGroupBackendServers', setGroupStage, expectPause],
  ['CreateMasterSlaveServerGroup', setTurningPair, expectTurn],
  ['SetLoadBalancerTCPListenerAttribute', setTurningPair, expectTurn],
  ['SetLoadBalancerUDPListenerAttribute', setTurningPair, expectTurn],
  ['DeleteMasterSlaveServerGroup', setTurningPair, expectDelete],
  ['CreateVServerGroup', setDeclaredGroup, expectDeclared],
  ['TagResources', setDeclaredGroup, expectDeclared],
  ['UntagResources', setDeclaredGroup, expectDeclared],
  ['SetLoadBalancerHTTPListenerAttribute', setDeclaredGroup, expectDeclared],
  ['SetLoadBalancerHTTPSListenerAttribute', setDeclaredGroup, expectDeclared],
  ['SetRule', setDeclaredGroup, expectDeclared],
  ['CreateRules', setDeclaredGroup, expectDeclared],
  ['DeleteVServerGroup', setDeclaredGroup, expectDeclared],
];

describe.each(WRITES)('%s that is refused', (operation, set, expectNext) => {
  let stage: WriteStage;
  beforeAll(async () => {
    stage = await set(operation);
  });
  afterAll(() => stage.close());

  it.each(codesOf(operation).map((code) => [`${code.status} ${code.code}: ${code.message}`, code] as const))(
    'with %s goes on as it should, and people are told',
    async (_name, code) => {
      const aftermath = await stage.refuse(code);

      expectNext(aftermath, code.next);
      const [entry] = aftermath.audit;
      expect(entry?.reason).toMatch(
        new RegExp(
          `\\S+ \\(${operation}, ${code.code.replaceAll('.', '\\.')}, request ${aftermath.requestId}\\)$`,
        ),
      );
    },
  );
});
