import type { QuarantineCount } from '../acceptance/ports.ts';
import { sweepSubject } from '../audit/model.ts';
import type { RecentAudit } from '../audit/ports.ts';
import { allOrFailure, mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { DeclarationReader } from '../declarations/ports.ts';
import { withKnownGroups } from '../declarations/resolve.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { ScalingGateway } from '../scaling/ports.ts';
import { reportsOfSweep } from './plan.ts';
import { unfinishedBefore } from './previous.ts';
import { reportsIn } from './recorded.ts';

/** What looking at the fleet as a whole needs. */
export interface FleetDeps {
  readonly audit: Pick<RecentAudit, 'latest'>;
  readonly quarantined: QuarantineCount;
  readonly scaling: Pick<ScalingGateway, 'attachments'>;
  readonly scalingGroupIds: ReadonlyArray<string>;
  readonly bindings: ReadonlyArray<Binding>;
  readonly declarations: DeclarationReader;
  readonly regionId: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly timing: { readonly compareMs: number };
}

/** Beyond so many nobody counts. */
const QUARANTINED_MAX = 100;
const GROUPS_AT_ONCE = 4;

/**
 * What somebody should know that no load balancer shows: sweeps that did not end, messages that were put aside and nobody
 * has looked at, scaling groups that attach their instances themselves. `loadBalancers`: how many there are. What cannot be
 * asked is said to be unknown, and never fails the sweep.
 */
export async function remarksOnFleet(
  deps: FleetDeps,
  sweepAtMs: number,
  loadBalancers: number,
): Promise<ReadonlyArray<string>> {
  const looks: ReadonlyArray<readonly [what: string, look: () => Promise<ReadonlyArray<string>>]> = [
    ['earlier sweeps', () => remarksOnEarlier(deps, sweepAtMs, loadBalancers)],
    ['the quarantine', () => remarksOnQuarantine(deps)],
    ['what Auto Scaling manages', () => remarksOnAttachments(deps)],
  ];
  const remarks = await allOrFailure(
    looks.map(async ([what, look]) => {
      try {
        return await look();
      } catch (error) {
        deps.logger.warn({}, `${what}: not looked at: ${describeError(error)}`);
        return [`${what}: not known: ${describeError(error)}`];
      }
    }),
  );
  return remarks.flat();
}

async function remarksOnEarlier(
  { audit, regionId, metrics, timing }: FleetDeps,
  sweepAtMs: number,
  loadBalancers: number,
): Promise<ReadonlyArray<string>> {
  const entries = await audit.latest(sweepSubject(regionId), reportsOfSweep(loadBalancers));
  const { remarks, loadBalancerIds } = unfinishedBefore(reportsIn(entries), sweepAtMs, timing.compareMs);
  if (remarks.length > 0) metrics.count('sweeps-unfinished', Math.max(1, loadBalancerIds.length), {});
  return remarks;
}

async function remarksOnQuarantine({ quarantined, metrics }: FleetDeps): Promise<ReadonlyArray<string>> {
  const count = await quarantined.count(QUARANTINED_MAX);
  if (count === 0) return [];
  metrics.count('messages-quarantined', count, {});
  const many =
    count === QUARANTINED_MAX
      ? `${count} messages or more are`
      : count === 1
        ? '1 message is'
        : `${count} messages are`;
  return [`${many} in quarantine`];
}

async function remarksOnAttachments(deps: FleetDeps): Promise<ReadonlyArray<string>> {
  const { scaling, scalingGroupIds, metrics } = deps;
  const bindings = await withKnownGroups(deps.declarations, deps.bindings);
  const found = await mapBounded(scalingGroupIds, GROUPS_AT_ONCE, async (scalingGroupId) => {
    const attachments = await scaling.attachments(scalingGroupId);
    return attachments
      .filter(({ vServerGroupId, port }) =>
        bindings.some(
          (binding) =>
            binding.vServerGroupId === vServerGroupId &&
            binding.type === 'ecs' &&
            binding.ports.some((each) => each.port === port),
        ),
      )
      .map(({ vServerGroupId, port }) => {
        metrics.count('native-attachments', 1, { scalingGroup: scalingGroupId });
        const fix = 'detach it from the scaling group, or drains cannot be held';
        return `${scalingGroupId} itself manages ${vServerGroupId}:${port}: ${fix}`;
      });
  });
  return found.flat();
}
