import type { Binding } from '../../../../shared/config/binding.ts';
import type { Pair } from '../../../../shared/config/pair.ts';
import { SceneStopped } from '../script.ts';
import type { Stage } from '../stage.ts';

type Ids = ReadonlyArray<string>;

/** Who is there at first, and what stands in the configuration about them. */
export interface Cast {
  readonly web: Ids;
  readonly search: Ids;
  readonly api: Ids;
  readonly legacy: Ids;
  readonly batch: Ids;
  readonly orders: MembersOf;
  readonly billing: MembersOf;
  readonly billingStandbyId: string;
  /** Of another team. */
  readonly foreignId: string;
}

/** The two of a pair, as they are at first. */
export interface MembersOf {
  readonly primaryId: string;
  readonly secondaryId: string;
}

/** A server is found bad after two or three seconds, not after fifteen. */
export const QUICK_CHECKS = {
  HealthCheckInterval: '1',
  HealthCheckConnectTimeout: '1',
  HealthyThreshold: '2',
  UnhealthyThreshold: '2',
};

/** Starts all instances; with the pairs behind their listeners once `seedPair` is called for each. */
export function startCast({ clouds }: Stage): Cast {
  const start = (amount: number, key: string, value: string) =>
    clouds.ecs.runInstances({ amount, tags: [{ key, value }] });
  const [ordersPrimary = '', ordersSecondary = '', billingPrimary = '', billingSecondary = ''] = start(
    4,
    'team',
    'databases',
  );
  const [billingStandbyId = ''] = start(1, 'role', 'billing-standby');
  const [foreignId = ''] = start(1, 'team', 'others');
  return {
    web: start(10, 'role', 'web'),
    search: start(2, 'role', 'search'),
    api: start(2, 'role', 'api'),
    legacy: start(2, 'role', 'legacy'),
    batch: start(2, 'role', 'batch'),
    orders: { primaryId: ordersPrimary, secondaryId: ordersSecondary },
    billing: { primaryId: billingPrimary, secondaryId: billingSecondary },
    billingStandbyId,
    foreignId,
  };
}

/** The binding of that name. Throws SceneStopped when the configuration has none. */
export function bindingOf({ config }: Pick<Stage, 'config'>, name: string): Binding {
  const found = config.bindings.find((binding) => binding.name === name);
  if (found === undefined) throw new SceneStopped(`the configuration has no binding ${name}`);
  return found;
}

/** The pair of that name. Throws SceneStopped when the configuration has none. */
export function pairOf({ config }: Pick<Stage, 'config'>, name: string): Pair {
  const found = config.pairs.find((pair) => pair.name === name);
  if (found === undefined) throw new SceneStopped(`the configuration has no pair ${name}`);
  return found;
}
