import type { Binding } from '../config/binding.ts';
import type { Pair } from '../config/pair.ts';
import type { RequestPolicy } from '../config/requests.ts';
import { type ChangeKind, type ChangeRequest, targetOf } from './document.ts';
import type { ReasonCode } from './model.ts';
import { checkSignature } from './signature.ts';

/** What becomes of a request before anything is looked at in the clouds. */
export type Admission =
  | { readonly kind: 'admitted' }
  /** It may be done only later. */
  | { readonly kind: 'early'; readonly untilMs: number }
  | { readonly kind: 'refused'; readonly code: ReasonCode; readonly reason: string };

/** What admitting goes by. */
export interface AdmissionPolicy {
  readonly requests: RequestPolicy;
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs: ReadonlyArray<Pair>;
}

/**
 * Decides whether a request may be carried out at all. Who asks comes first: nothing is told about what is configured to
 * somebody who has not proven to be who they say.
 */
export function admit(request: ChangeRequest, policy: AdmissionPolicy, nowMs: number): Admission {
  return (
    faultOfSigner(request, policy, nowMs) ?? faultOfTarget(request, policy) ?? faultOfTime(request, nowMs)
  );
}

/** What nobody may do without proving who they are, whatever the configuration says. */
const ALWAYS_SIGNED: ReadonlySet<ChangeKind> = new Set(['lift-guard', 'approve']);

function faultOfSigner(
  request: ChangeRequest,
  { requests: { requesters, areSignaturesRequired }, bindings }: AdmissionPolicy,
  nowMs: number,
): Admission | null {
  const { change, requestedBy } = request;
  const signature = checkSignature(request, requesters, nowMs);
  if (signature.kind === 'bad') return refused('bad-signature', signature.reason);
  if (signature.kind === 'none') {
    if (ALWAYS_SIGNED.has(change.kind)) return refused('unsigned', `${change.kind} is always to be signed`);
    if (areSignaturesRequired) return refused('unsigned', 'it is not signed, and signatures are required');
    // Whoever may call themselves anything is always somebody else than who approves.
    return bindings.some(({ name, needsApproval }) => needsApproval && name === targetOf(change))
      ? refused('unsigned', `what is asked of ${targetOf(change)} has to be approved, and so to be signed`)
      : null;
  }
  const { may, on } = signature.requester;
  if (!may.has(change.kind))
    return refused('right-not-held', `${requestedBy} may not ask for ${change.kind}`);
  const target = targetOf(change);
  if (on !== null && !on.has(target)) {
    return refused('right-not-held', `${requestedBy} may not ask for anything of ${target}`);
  }
  return null;
}

function faultOfTarget({ change }: ChangeRequest, { bindings, pairs }: AdmissionPolicy): Admission | null {
  const isOfBinding = 'binding' in change;
  const target = targetOf(change);
  const names: ReadonlyArray<{ readonly name: string }> = isOfBinding ? bindings : pairs;
  if (names.some(({ name }) => name === target)) return null;
  const what = isOfBinding ? 'binding' : 'pair';
  return refused('unknown-target', `no ${what} is called ${target}`);
}

function faultOfTime({ notBefore, notAfter }: ChangeRequest, nowMs: number): Admission {
  const fromMs = notBefore === undefined ? -Infinity : Date.parse(notBefore);
  const untilMs = notAfter === undefined ? Infinity : Date.parse(notAfter);
  if (fromMs >= untilMs) return refused('contradictory', 'its notAfter is not later than its notBefore');
  if (nowMs >= untilMs) return refused('expired', `it was to be begun before ${notAfter ?? ''}`);
  return nowMs < fromMs ? { kind: 'early', untilMs: fromMs } : { kind: 'admitted' };
}

function refused(code: ReasonCode, reason: string): Admission {
  return { kind: 'refused', code, reason };
}
