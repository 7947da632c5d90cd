import type { ChangeRequest } from '../../shared/requests/document.ts';
import { aRequest, CI_KEY, signed } from '../support/requests.ts';

/** So many bindings, each of a load balancer of its own, with so many requests about different instances of each. */
export interface Load {
  readonly bindings: number;
  readonly each: number;
}

/** The weight of every backend before anybody asks for another. */
export const WEIGHT = 100;

/** The tags by which a binding selects, by its place. */
export function tagsOf(index: number): Readonly<Record<string, string>> {
  return { role: nameOf(index) };
}

/** What an `autopilot.yaml` would hold: the bindings, and one requester who has to sign. */
export function configurationFor({ bindings }: Load): object {
  return {
    version: 1,
    region: 'cn-hangzhou',
    bindings: Array.from({ length: bindings }, (_, index) => ({
      name: nameOf(index),
      loadBalancer: `lb-bench${index}`,
      vServerGroup: `rsp-bench${index}`,
      selector: { tags: tagsOf(index) },
      ports: [{ port: 8080, weight: WEIGHT }],
    })),
    requests: {
      requesters: [
        { name: 'ci', keys: [{ id: 'ci-2026', publicKey: CI_KEY.publicKey }], may: ['set-weight'] },
      ],
    },
  };
}

/** A signed request for each instance, those of the first binding first. */
export function requestsFor(
  { each }: Load,
  instanceIds: ReadonlyArray<string>,
): ReadonlyArray<ChangeRequest> {
  return instanceIds.map((id, index) => {
    const binding = nameOf(Math.floor(index / each));
    const change = { kind: 'set-weight' as const, binding, instances: [id], percent: 50, for: '1h' };
    return signed(aRequest({ requestId: `bench-${index}`, change }));
  });
}

function nameOf(index: number): string {
  return `web-${index}`;
}
