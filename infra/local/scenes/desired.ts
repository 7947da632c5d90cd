import { type Binding, selectorTags } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import { weightOn } from '../../../shared/config/weights.ts';
import type { Ess } from '../world/ess/ess.ts';
import type { LifecycleState } from '../world/ess/model.ts';
import type { WorldServer } from './servers.ts';

/** A backend of a vServer group, as far as a configuration says anything about it. */
export interface DesiredBackend {
  readonly vServerGroupId: string;
  readonly serverId: string;
  readonly serverIp: string | null;
  readonly port: number;
  readonly weight: number;
}

/** What tells which scaling group an instance is in. */
export type ScalingMembers = Pick<Ess, 'member'>;

const LEAVING: ReadonlySet<LifecycleState> = new Set(['Removing', 'Removing:Wait']);

/**
 * Whether the server belongs into the binding's group while it runs: it is of the binding's type and has all tags that this
 * selects by, or is in that scaling group. One that its scaling group takes out, or has set aside, does not.
 */
export function matchesBinding(
  { serverId, tags, type, isPrimary }: WorldServer,
  { selector, type: wanted, addresses }: Pick<Binding, 'selector' | 'type' | 'addresses'>,
  ess: ScalingMembers,
): boolean {
  if (type !== wanted || !(isPrimary || addresses === 'all')) return false;
  const member = ess.member(serverId);
  if (member !== null && LEAVING.has(member.lifecycleState)) return false;
  if (selector.kind === 'scaling-group') {
    return member?.scalingGroupId === selector.scalingGroupId && member.lifecycleState !== 'Standby';
  }
  return selectorTags(selector).every(({ key, value }) =>
    tags.some((tag) => tag.key === key && tag.value === value),
  );
}

/** What the groups should hold: every port of a binding for every running server that it selects. */
export function desiredBackends(
  { bindings }: Pick<Config, 'bindings'>,
  servers: ReadonlyArray<WorldServer>,
  ess: ScalingMembers,
): ReadonlyArray<DesiredBackend> {
  const running = servers.filter(({ status }) => status === 'running');
  return bindings.flatMap((binding) =>
    running
      .filter((server) => matchesBinding(server, binding, ess))
      .flatMap((server) =>
        binding.ports.map((ofPort) => ({
          vServerGroupId: binding.vServerGroupId,
          serverId: server.serverId,
          serverIp: server.serverIp,
          port: ofPort.port,
          weight: weightOn(ofPort, server.serverId, server)?.weight ?? ofPort.weight,
        })),
      ),
  );
}
