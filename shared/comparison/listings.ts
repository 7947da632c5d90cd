import type { Clock } from '../clock.ts';
import type { BackendType } from '../config/binding.ts';
import type { InstanceListing, LifecycleState } from '../instances/model.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { ScalingGateway } from '../scaling/ports.ts';

/** What listing needs. */
export interface ListingDeps {
  readonly instances: Pick<InstanceGateway, 'list'>;
  readonly scaling: Pick<ScalingGateway, 'instances'>;
  readonly clock: Clock;
}

/** An answer with the instant at which its question was asked: what it says is at least as young. */
export interface Dated<T> {
  readonly askedAtMs: number;
  readonly answer: Promise<T>;
}

type SelectorTags = Parameters<InstanceGateway['list']>[0];

/** Whom selectors select. One answer serves every binding with the same selector, on whatever load balancer. */
export interface Listings {
  /** As the gateway lists the instances with these tags, of ECS unless another type is said. */
  byTags(tags: SelectorTags, type?: BackendType): Dated<InstanceListing>;
  /** As the gateway tells the members of the scaling group. */
  byScalingGroup(scalingGroupId: string): Dated<ReadonlyMap<string, LifecycleState>>;
}

/** No answer serves for longer: it would say things that records have outlived. */
const AGE_MAX_MS = 8_000;

/** No answers yet. They are for one comparison, however many load balancers it looks at. */
export function createListings({ instances, scaling, clock }: ListingDeps): Listings {
  const byTags = askedOnce(clock, (question) => {
    const [tags, type] = JSON.parse(question) as [SelectorTags, BackendType];
    return instances.list(tags, type);
  });
  return {
    byTags: (tags, type = 'ecs') => byTags(JSON.stringify([tags, type])),
    byScalingGroup: askedOnce(clock, (id) => scaling.instances(id)),
  };
}

/** The same question, which is asked once for all who ask it within a few seconds; a failure is everybody's, too. */
export function askedOnce<T>(clock: Clock, ask: (key: string) => Promise<T>): (key: string) => Dated<T> {
  const answers = new Map<string, Dated<T>>();
  return (key) => {
    const askedAtMs = clock.nowMs();
    const known = answers.get(key);
    if (known !== undefined && askedAtMs - known.askedAtMs <= AGE_MAX_MS) return known;
    const asked = { askedAtMs, answer: ask(key) };
    answers.set(key, asked);
    return asked;
  };
}
