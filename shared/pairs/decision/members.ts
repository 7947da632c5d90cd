import { fitnessOf, standbysFor } from '../candidates.ts';
import { type PairMember, type PairQuestion, probeKey } from '../model.ts';
import type { DecisionInput } from './model.ts';

/** Who of several may become a member. */
export type Choice =
  | { readonly kind: 'found'; readonly member: PairMember }
  /** `reason` for people: why not each of them. */
  | { readonly kind: 'nobody'; readonly reason: string }
  | {
      readonly kind: 'ask';
      readonly questions: ReadonlyArray<PairQuestion>;
      readonly needsSystemEvents: boolean;
    };

/** Candidates that are asked at once: every standby that is looked at, since those who hang are waited for only once then. */
const ASKED_MAX = 20;

/** The first of the candidates that is fit. All that have to be asked are asked at once. */
export function firstFit({ input, row }: DecisionInput, candidates: ReadonlyArray<PairMember>): Choice {
  const reasons: Array<string> = [];
  const questions: Array<PairQuestion> = [];
  let needsSystemEvents = false;
  for (const member of candidates) {
    const fitness = fitnessOf(input, row, member);
    if (fitness.kind === 'fit' && questions.length === 0 && !needsSystemEvents)
      return { kind: 'found', member };
    if (fitness.kind === 'unfit') reasons.push(fitness.reason);
    if (fitness.kind === 'ask' && questions.length < ASKED_MAX) questions.push(fitness.question);
    if (fitness.kind === 'ask-ecs') needsSystemEvents = true;
  }
  if (needsSystemEvents || questions.length > 0) return { kind: 'ask', questions, needsSystemEvents };
  return { kind: 'nobody', reason: reasons.length === 0 ? 'nobody is there' : reasons.join('; ') };
}

/** All that has to be found out before every one of these is known: asked at once. */
export function askTogether(...choices: ReadonlyArray<Choice>): Extract<Choice, { kind: 'ask' }> {
  const asking = choices.filter((choice) => choice.kind === 'ask');
  const questions = new Map(
    asking.flatMap((choice) => choice.questions).map((question) => [probeKey(question), question]),
  );
  const needsSystemEvents = asking.some((choice) => choice.needsSystemEvents);
  return { kind: 'ask', questions: [...questions.values()], needsSystemEvents };
}

/** Who is to stand by beside a new primary: of the pool, else whoever `orElse` names, if it is fit enough to be a member. */
export function chooseSecondary(
  decision: DecisionInput,
  primary: PairMember,
  orElse: PairMember | null,
): Choice {
  const { input, group } = decision;
  const leaving =
    group.members.primary.serverId === primary.serverId ? group.members.secondary : group.members.primary;
  const pool = standbysFor(input, group.members, leaving).filter(
    ({ serverId }) => serverId !== primary.serverId,
  );
  const found = firstFit(decision, pool);
  if (found.kind !== 'nobody' || orElse === null) {
    if (found.kind === 'nobody' && input.pair.standby === null) {
      return { kind: 'nobody', reason: 'no standby pool is configured' };
    }
    return found;
  }
  const instance = input.instances.get(orElse.serverId);
  // SLB takes any server that runs; a secondary that is unwell is better than none, since CLB keeps trying it.
  if (instance?.status === 'Running') return { kind: 'found', member: orElse };
  const state = instance === undefined ? 'not there' : instance.status;
  const pooled = input.pair.standby === null ? 'no standby pool is configured' : found.reason;
  return { kind: 'nobody', reason: `${pooled}; ${orElse.serverId} is ${state}` };
}

/** The former primary as the member that it would be again. It need be no member now, nor in the pool. */
export function homeMember({ input, group }: DecisionInput, homeId: string): PairMember {
  const { primary, secondary } = group.members;
  if (secondary.serverId === homeId) return secondary;
  return { serverId: homeId, port: input.pair.standby?.port ?? primary.port, weight: primary.weight };
}
