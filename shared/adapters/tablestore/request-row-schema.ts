import * as z from 'zod';
import { ChangeRequestSchema } from '../../requests/document.ts';
import type {
  PlannedStep,
  ReasonCode,
  RequestCall,
  RequestOutcome,
  RequestPhase,
  RequestPlan,
  RequestResult,
  RequestRow,
} from '../../requests/model.ts';

const INSTANT = z.number().nullable();
const TEXT = z.string().nullable();

/** All words of a type: one that is missing here does not compile, for nobody could read its rows. */
function words<W extends string>(all: Readonly<Record<W, null>>) {
  return z.enum(Object.keys(all) as [W, ...Array<W>]);
}

const PhaseSchema = words<RequestPhase>({
  received: null,
  'awaiting-approval': null,
  'in-progress': null,
  ended: null,
});

const OutcomeSchema = words<RequestOutcome>({ done: null, refused: null, failed: null, foreseen: null });

const CodeSchema = words<ReasonCode>({
  unsigned: null,
  'bad-signature': null,
  'right-not-held': null,
  expired: null,
  contradictory: null,
  'unknown-target': null,
  'reused-id': null,
  'not-a-member': null,
  'stale-plan': null,
  'no-such-request': null,
  'self-approval': null,
  declined: null,
  held: null,
  'timed-out': null,
  superseded: null,
  quarantined: null,
});

const ActionSchema = words<PlannedStep['action']>({
  add: null,
  'set-weight': null,
  remove: null,
  'keep-out': null,
  call: null,
});

const PlanSchema: z.ZodType<RequestPlan> = z.object({
  steps: z.array(z.object({ subject: z.string(), action: ActionSchema, to: z.string() })),
  held: z.array(z.string()),
});

const CallSchema: z.ZodType<RequestCall> = z.object({
  atMs: z.number(),
  action: z.string(),
  subject: z.string(),
  reason: z.string(),
  requestIds: z.array(z.string()),
});

const ResultSchema: z.ZodType<RequestResult> = z.object({
  outcome: OutcomeSchema,
  code: CodeSchema.nullable(),
  reason: z.string(),
  plan: PlanSchema.nullable(),
  planHash: TEXT,
  expectedPlan: PlanSchema.nullable(),
  calls: z.array(CallSchema),
  endedAtMs: z.number(),
});

/** A change request as its column holds it. */
export const RequestRowSchema: z.ZodType<RequestRow> = z.object({
  laneId: z.string(),
  request: ChangeRequestSchema,
  payloadHash: z.string(),
  phase: PhaseSchema,
  receivedAtMs: z.number(),
  begunAtMs: INSTANT,
  plan: PlanSchema.nullable(),
  planHash: TEXT,
  approval: z.object({ by: z.string(), requestId: z.string(), atMs: z.number() }).nullable(),
  waitingFor: TEXT,
  failures: z.number(),
  notBeforeMs: INSTANT,
  result: ResultSchema.nullable(),
  revision: z.number(),
  fence: z.number(),
});
