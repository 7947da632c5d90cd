import { InvalidArgumentError } from 'commander';
import { DEFAULT_SWITCHES, type Switches } from '../local/world/switches.ts';

/** Switches that are set otherwise than by default. */
export type SwitchValues = Partial<Switches>;

/** What a switch may be set to: listed values, or whole numbers as well. */
interface Allowed<Value> {
  readonly values: ReadonlyArray<Value>;
  readonly isNumber: boolean;
}

/** The type checker compares this with {@link Switches}: no switch and no value of another is accepted here. */
const ALLOWED: { readonly [Name in keyof Switches]: Allowed<Switches[Name]> } = {
  slbAddPresent: oneOf('reject', 'ignore', 'overwrite-weight'),
  slbSetAbsent: oneOf('ignore', 'error'),
  slbDuplicateInRequest: oneOf('keep-first', 'error'),
  slbBackendsPerCallMax: oneOf(20, 40),
  slbGroupProcessingMs: wholeNumber(),
  slbAssociationLingersMs: wholeNumber(),
  slbRateLimits: oneOf('on', 'off'),
  slbRetryAfterMs: wholeNumber(null),
  slbReleasedInstanceDroppedAfterMs: wholeNumber(null),
  slbAddNotRunning: oneOf('ObtainIpFail', 'accept'),
  slbBackendQuota: wholeNumber(),
  slbWriteAnswers: oneOf('whole-group', 'affected-only'),
  slbHealthAtWeightZero: oneOf('as-checked', 'normal', 'abnormal', 'not-listed'),
  slbHealthOfSecondary: oneOf('not-listed', 'as-checked', 'normal', 'unavailable'),
  slbHealthOfUncheckedListener: oneOf('normal', 'unavailable', 'not-listed'),
  slbHealthWithoutChecks: oneOf('refused', 'empty'),
  slbWeightZeroUnderRr: oneOf('still-receives', 'receives-nothing'),
  slbWeightZeroUnderHash: oneOf('sticky-clients-arrive', 'receives-nothing'),
  slbWeightZeroUnderPersistence: oneOf('sticky-clients-arrive', 'receives-nothing'),
  slbSetWithoutDescription: oneOf('kept', 'cleared'),
  slbSetWithoutWeight: oneOf('kept', 'default-100'),
  slbSetWithoutHealthCheckDomain: oneOf('cleared', 'kept'),
  slbSetWithoutPersistenceTimeout: oneOf('kept', 'reset-to-0'),
  slbListenerProcessingMs: wholeNumber(),
  slbSetListenerNeedsAcl: oneOf('when-named', 'always'),
  slbMissingLoadBalancerStatus: oneOf(400, 404),
  slbUnknownServerStatus: oneOf(404, 400),
  slbServerIdFilterSeesVServerGroups: oneOf(true, false),
  rpcUnknownAccessKeyStatus: oneOf(404, 400),
  ecsDescribeLagMs: wholeNumber(),
  ecsCreationEventState: oneOf('Created', 'Pending', 'none'),
  ecsRebootEmitsStopped: oneOf(true, false),
  ecsForcedReleaseEvents: oneOf('stopping-first', 'deleted-only'),
  ecsSystemEventIds: oneOf('new-each-status', 'same-for-all-statuses'),
  ecsDiskEventsReboot: oneOf(true, false),
  ecsReleaseEndsSystemEvents: oneOf('silently', 'Canceled', 'Avoided'),
  ecsFullStatusEvents: oneOf('scheduled-and-inquiring', 'scheduled-only', 'all-open'),
  ecsFullStatusEventFilters: oneOf('events', 'instances-too'),
  cmsSystemEventIds: oneOf('same-for-all-statuses', 'new-each-status'),
  cmsSystemEventNames: oneOf('first-status-when-avoided', 'first-status', 'current-status'),
  cmsSpotInterruptionLevel: oneOf('INFO', 'WARN'),
  cmsAlarmEventName: oneOf('always-AlertOk', 'by-level'),
  essHooksPerGroupMax: oneOf(6, 8, 10),
  essHeartbeatCountsFrom: oneOf('now', 'old-deadline'),
  essCompleteWithoutResult: oneOf('default-result', 'continue'),
  essDeletedHookResult: oneOf('default-result', 'continue'),
  essDesiredCapacityAfterRollback: oneOf('stays-lowered', 'restored'),
  essDetachesFromSlb: oneOf('before-wait', 'after-wait'),
  essRemovesUnhealthy: oneOf('on', 'off'),
  essHookMessageEncoding: oneOf('plain', 'base64'),
  essHookMessageInstanceIds: oneOf('listed', 'left-out'),
  essHookMessageMetadata: oneOf('left-out', 'in-content'),
  essDescribeLifecycleActionsNeeds: oneOf('permission', 'nothing'),
  otsCompositeParts: oneOf('exactly-two', 'any'),
  otsExpiredRowExists: oneOf(true, false),
  otsDateToleranceMs: wholeNumber(),
  otsTableReadyAfterMs: wholeNumber(),
  otsConditionTypeMismatch: oneOf('never-holds', 'error'),
  otsRepeatedRowsInBatch: oneOf('reject', 'without-conditions'),
  otsBatchUnknownTable: oneOf('whole-request', 'its-rows'),
  otsPutWithoutColumns: oneOf('reject', 'accept'),
  otsColumnNames: oneOf('documented', 'all-but-leading-hash'),
  otsTableOperationsPerSecond: wholeNumber(null),
  mnsWrongKeyCode: oneOf('InvalidAccessKeyId', 'AccessDenied'),
  mnsWrongSignatureCode: oneOf('SignatureDoesNotMatch', 'AccessDenied'),
  mnsDlqPolicyInXml: oneOf(true, false),
  mnsBatchAction: oneOf('single-action', 'own-action'),
  mnsBodyMd5Of: oneOf('stored-text', 'decoded-body'),
  fcNativeFunctionsOver2016: oneOf(true, false),
  fcFailedInitializer: oneOf('new-instance', 'retry-in-place'),
  fcEmptyResult: oneOf('empty', 'null-text'),
  fcTaskIdReservedMs: wholeNumber(),
  fcTaskIdWithoutTaskMode: oneOf('ignored', 'honoured'),
  fcAsyncErrorRetryFirstMs: wholeNumber(),
  fcAsyncSystemErrors: oneOf('given-up', 'retried'),
  fcPayloadTooLargeStatus: oneOf(413, 400),
  streamNonBase64Body: oneOf('as-is', 'garbled'),
  streamDeadLetterBody: oneOf('message-body', 'cloud-event'),
  streamEventId: oneOf('new-each-delivery', 'stable'),
};

/** Adds `name=value` to the switches set so far. Throws InvalidArgumentError that says what is allowed. */
export function readSwitch(text: string, set: SwitchValues): SwitchValues {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined || !isSwitch(name)) {
    throw new InvalidArgumentError(
      `Allowed is name=value with one of the names ${Object.keys(ALLOWED).join(', ')}.`,
    );
  }
  const { values, isNumber }: Allowed<unknown> = ALLOWED[name];
  const listed = values.find((candidate) => String(candidate) === value);
  if (listed !== undefined) return { ...set, [name]: listed };
  if (isNumber && /^\d{1,12}$/.test(value)) return { ...set, [name]: Number(value) };
  const allowed = [...(isNumber ? ['a whole number'] : []), ...values.map(String)].join(', ');
  throw new InvalidArgumentError(`Allowed for ${name} is ${allowed} (default ${DEFAULT_SWITCHES[name]}).`);
}

function isSwitch(name: string): name is keyof Switches {
  return Object.hasOwn(ALLOWED, name);
}

function oneOf<const Value>(...values: ReadonlyArray<Value>): Allowed<Value> {
  return { values, isNumber: false };
}

function wholeNumber<const Value = never>(...others: ReadonlyArray<Value>): Allowed<Value | number> {
  return { values: others, isNumber: true };
}
