import type { Stage } from '../stage.ts';
import { bindingOf } from './cast.ts';
import { nameOf, notAtWeight, type Place } from './checks.ts';

/** The backend of an instance on the first port of the binding. */
export function placeIn(stage: Pick<Stage, 'config'>, binding: string, serverId = ''): Place {
  const { vServerGroupId, ports } = bindingOf(stage, binding);
  return { vServerGroupId, serverId, port: ports[0]?.port ?? 0 };
}

/** How it has another weight than this now, in a sentence; `null` = it should not be there. */
export function notAt(stage: Stage, place: Place, weight: number | null): ReadonlyArray<string> {
  return notAtWeight(stage.clouds.slb.group(place.vServerGroupId)?.backends ?? [], place, weight);
}

/** What SLB has of each of these backends, to the letter, by name. */
export function textsOf({ clouds }: Stage, places: ReadonlyArray<Place>): ReadonlyMap<string, string> {
  return new Map(
    places.map((place) => {
      const found = clouds.slb
        .group(place.vServerGroupId)
        ?.backends.find(({ serverId, port }) => serverId === place.serverId && port === place.port);
      return [nameOf(place), JSON.stringify(found ?? null)];
    }),
  );
}
