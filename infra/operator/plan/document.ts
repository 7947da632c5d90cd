import { readFileSync } from 'node:fs';
import * as z from 'zod';
import {
  canonicalPlanOf,
  countsOf,
  isWhole,
  type Plan,
  type PlanLine,
} from '../../../shared/comparison/sections/model.ts';
import { canonicalHash } from '../../../shared/events/json.ts';
import { instant } from '../../../shared/times.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';

const KIND = 'slb-autopilot/plan';

const StepSchema = z.object({
  subject: z.string(),
  action: z.enum(['add', 'set-weight', 'drain', 'remove', 'adopt', 'create', 'delete', 'call']),
  from: z.string(),
  to: z.string(),
});

/** A plan as a file keeps it, as far as `apply` reads it. */
export const PlanDocumentSchema = z.object({
  kind: z.literal(KIND),
  version: z.literal(1),
  madeAt: z.string(),
  region: z.string(),
  /** Names of what it is about. */
  bindings: z.array(z.string()),
  pairs: z.array(z.string()),
  /** Bindings whose declared groups are to be deleted. */
  deletes: z.array(z.string()).default([]),
  /** Over `plan`; `null` = not everything could be looked at, and nobody can apply it. */
  hash: z.string().nullable(),
  plan: z.object({
    steps: z.array(StepSchema),
    held: z.array(z.object({ subject: z.string(), by: z.string() })),
  }),
});
/** @see PlanDocumentSchema */
export type PlanDocument = z.infer<typeof PlanDocumentSchema>;

/** A plan for programs: what its hash is made of, the hash, and all that people are told. */
export function documentOf(
  plan: Plan,
  region: string,
  deletes: ReadonlyArray<string> = [],
): PlanDocument & Readonly<Record<string, unknown>> {
  const namesOf = (of: 'binding' | 'pair') =>
    plan.sections.filter((section) => section.of === of).map(({ name }) => name);
  const canonical = canonicalPlanOf(plan);
  return {
    kind: KIND,
    version: 1,
    madeAt: instant(plan.madeAtMs),
    region,
    bindings: namesOf('binding'),
    pairs: namesOf('pair'),
    deletes: [...deletes],
    hash: isWhole(plan) ? canonicalHash(canonical) : null,
    plan: { steps: [...canonical.steps], held: [...canonical.held] },
    counts: countsOf(plan),
    sections: plan.sections,
  };
}

/** A plan that was saved. Throws CommandError with 2 for a file that is none, or not a whole one. */
export function readPlanDocument(file: string): PlanDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CommandError(EXIT_STATUS.wrong, `The plan ${file} cannot be read (${code}).`);
  }
  const parsed = PlanDocumentSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new CommandError(EXIT_STATUS.wrong, `${file} holds no plan; autopilot plan --out FILE makes one.`);
  }
  const { hash, plan } = parsed.data;
  if (hash === canonicalHash(plan)) return parsed.data;
  const text2 = hash === null ? 'is not whole: something could not be looked at' : 'was changed by hand';
  throw new CommandError(EXIT_STATUS.wrong, `The plan ${file} ${text2}. Make another one.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lines that one plan has and the other has not, by what the hash is made of. */
export function differenceOf(
  { steps, held }: PlanDocument['plan'],
  other: PlanDocument['plan'],
): ReadonlyArray<string> {
  const theirs = new Set(textsOf(other));
  return textsOf({ steps, held }).filter((text) => !theirs.has(text));
}

function textsOf({ steps, held }: PlanDocument['plan']): ReadonlyArray<string> {
  return [
    ...steps.map(({ subject, action, from, to }) =>
      [subject, action, from === '' || from === to ? to : `${from} → ${to}`]
        .filter((part) => part !== '')
        .join(' '),
    ),
    ...held.map(({ subject, by }) => `${subject} held (${by})`),
  ];
}

/** The sign of a line, as tools that plan have taught people. */
export function signOf(line: PlanLine): '+' | '~' | '-' | '!' | '·' {
  if (line.kind === 'held') return '!';
  if (line.kind === 'under-way') return '·';
  if (line.action === 'add' || line.action === 'create') return '+';
  return line.action === 'drain' || line.action === 'remove' || line.action === 'delete' ? '-' : '~';
}
