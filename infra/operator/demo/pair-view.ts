import { groupBy } from '../../../shared/collections.ts';
import { listenerName } from '../../../shared/config/pair.ts';
import type { Stage } from '../../local/scenes/stage.ts';

/** What a pair's listeners and the space around them take, as a rule. */
const LISTENER_COLUMNS = 12;

/**
 * A line for each pair of the configuration, `orders-db  tcp:3306  i-a > i-b (i-a serves)`; more while its listeners differ.
 * Who serves is CLB's own doing, and may be the secondary for a while. On narrow screens it is `i-a (serves) > i-b`.
 */
export function pairLines(
  { clouds: { slb }, config: { pairs } }: Stage,
  columns: number,
): ReadonlyArray<string> {
  return pairs.flatMap(({ name, loadBalancerId, listeners }) => {
    const seen = listeners.map(({ protocol, port }) => {
      const found = slb
        .listenersOf(loadBalancerId)
        .find(({ listenerProtocol, listenerPort }) => listenerProtocol === protocol && listenerPort === port);
      const group = slb.masterSlaveGroup(found?.masterSlaveServerGroupId ?? '');
      if (found === undefined || group === null) {
        return { listener: listenerName({ protocol, port }), text: 'no primary/secondary group' };
      }
      const of = (role: string) =>
        group.backends.find(({ serverType }) => serverType === role)?.serverId ?? '?';
      const serving = slb.servingMember({ loadBalancerId, listenerPort: port, listenerProtocol: protocol });
      const members = [of('Master'), of('Slave')];
      const long = `${members.join(' > ')} (${serving === null ? 'nobody' : serving.serverId} serves)`;
      const short = members.map((id) => (id === serving?.serverId ? `${id} (serves)` : id)).join(' > ');
      const isRoomy = name.length + long.length + LISTENER_COLUMNS <= columns;
      const text = isRoomy ? long : short;
      return { listener: listenerName({ protocol, port }), text };
    });
    return [...groupBy(seen, ({ text }) => text)].map(
      ([text, alike]) => `${name}  ${alike.map(({ listener }) => listener).join(', ')}  ${text}`,
    );
  });
}
