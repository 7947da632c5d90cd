/**
 * What a change does. `drain`: weight 0 first, and out of the group when the drain is over; `adopt`: what somebody else did
 * becomes ours, without a call; `create`, `delete`, `call`: a call about a pair or about a declared group as a whole.
 */
export type ChangeAction = 'add' | 'set-weight' | 'drain' | 'remove' | 'adopt' | 'create' | 'delete' | 'call';

/** One thing that would be done, that something holds, or that goes on by itself. */
export type PlanLine =
  | {
      readonly kind: 'change';
      /**
       * `rsp-…/i-…:80` or `rsp-…/eni-…@192.168.0.10:80` of a backend; the name of a pair; `group:` and the name of its
       * binding of a declared group.
       */
      readonly subject: string;
      readonly action: ChangeAction;
      /** What it has now: `weight 100`; `''` = nothing. */
      readonly from: string;
      /** What it is to have; of a call the API with its parameters as canonical JSON. */
      readonly to: string;
      /** For people, short: `weight 100 → 50`. */
      readonly text: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'held';
      readonly subject: string;
      /** What holds it: `min-in-service`, `drift`, … */
      readonly by: string;
      readonly reason: string;
    }
  /** A drain, a ramp, a join: it goes on when its time has come. */
  | { readonly kind: 'under-way'; readonly subject: string; readonly reason: string };

/** What would be done about one binding or one pair. */
export interface PlanSection {
  readonly of: 'binding' | 'pair';
  readonly name: string;
  /** The load balancer, and the group or the listeners. */
  readonly place: string;
  /** Sorted by subject. */
  readonly lines: ReadonlyArray<PlanLine>;
  /** Backends in service about which nothing is to be said. */
  readonly inService: number;
  /** Backends of others, which are left alone. */
  readonly strangers: number;
  /** What people should know beside. */
  readonly remarks: ReadonlyArray<string>;
  /** Why it, or a part of it, is not known; `null` = all is known. */
  readonly failure: string | null;
}

/** What the next full comparison would do, as far as it was asked for. */
export interface Plan {
  readonly madeAtMs: number;
  readonly sections: ReadonlyArray<PlanSection>;
}

/** How many lines of each kind there are. */
export interface PlanCounts {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly held: number;
  readonly underWay: number;
}

/** What of a plan its hash is made of: equal plans are equal texts, so there are no times, reasons or ids of its own. */
export interface CanonicalPlan {
  readonly steps: ReadonlyArray<{
    readonly subject: string;
    readonly action: ChangeAction;
    readonly from: string;
    readonly to: string;
  }>;
  readonly held: ReadonlyArray<{ readonly subject: string; readonly by: string }>;
}

/** A line about a change. */
export type ChangeLine = Extract<PlanLine, { kind: 'change' }>;

/** Whether everything that was asked for could be looked at. */
export function isWhole({ sections }: Plan): boolean {
  return sections.every(({ failure }) => failure === null);
}

/** The changes of a plan. */
export function changesOf({ sections }: Pick<Plan, 'sections'>): ReadonlyArray<ChangeLine> {
  return sections.flatMap(({ lines }) => lines.flatMap((line) => (line.kind === 'change' ? [line] : [])));
}

/** What the hash of a plan is made of. */
export function canonicalPlanOf(plan: Pick<Plan, 'sections'>): CanonicalPlan {
  const held = plan.sections.flatMap(({ lines }) =>
    lines.flatMap((line) => (line.kind === 'held' ? [{ subject: line.subject, by: line.by }] : [])),
  );
  return {
    // Steps of one pair keep their order.
    steps: changesOf(plan)
      .map(({ subject, action, from, to }) => ({ subject, action, from, to }))
      .sort(bySubject),
    held: held.sort(bySubject),
  };
}

/** Counts the lines. */
export function countsOf(plan: Pick<Plan, 'sections'>): PlanCounts {
  const lines = plan.sections.flatMap((section) => section.lines);
  const of = (...actions: ReadonlyArray<ChangeAction>) =>
    lines.filter((line) => line.kind === 'change' && actions.includes(line.action)).length;
  return {
    add: of('add'),
    change: of('set-weight', 'adopt', 'create', 'delete', 'call'),
    remove: of('drain', 'remove'),
    held: lines.filter(({ kind }) => kind === 'held').length,
    underWay: lines.filter(({ kind }) => kind === 'under-way').length,
  };
}

/** Orders by subject; what has the same stays in its order. */
export function bySubject(a: { readonly subject: string }, b: { readonly subject: string }): number {
  return a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0;
}
