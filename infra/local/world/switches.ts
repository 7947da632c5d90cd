/**
 * What no public source settles about the clouds, and what differs between accounts, as named settings of the world.
 * Each default is the behaviour that hurts careless code most, unless its line says otherwise.
 */
export interface Switches {
  /** SLB Add of a `(ServerId, Port)` that is already in the group. */
  readonly slbAddPresent: 'reject' | 'ignore' | 'overwrite-weight';
  /** SLB Set for a server that is not in the group. */
  readonly slbSetAbsent: 'ignore' | 'error';
  /** The same backend twice in one SLB request. */
  readonly slbDuplicateInRequest: 'keep-first' | 'error';
  /** Backends accepted per SLB call; 20 is documented, one real tool runs 40. */
  readonly slbBackendsPerCallMax: 20 | 40;
  /** How long a group refuses the next write after one (`VServerGroupProcessing`), in ms. */
  readonly slbGroupProcessingMs: number;
  /** How long a group counts as in use after a listener let go of it (`RspoolVipExist`), in ms. */
  readonly slbAssociationLingersMs: number;
  /** Write limits of the account (`Throttling.User`). */
  readonly slbRateLimits: 'on' | 'off';
  /** `x-acs-retry-after` in throttled answers, in ms; `null` = header not sent. */
  readonly slbRetryAfterMs: number | null;
  /** A released instance in a group: stays, or is dropped this many ms after its release. */
  readonly slbReleasedInstanceDroppedAfterMs: number | null;
  /** Add of an instance that is not Running. */
  readonly slbAddNotRunning: 'ObtainIpFail' | 'accept';
  /** Server-ports per load balancer, over all its groups. */
  readonly slbBackendQuota: number;
  /** What Add, Remove, Set and Modify list. */
  readonly slbWriteAnswers: 'whole-group' | 'affected-only';
  /** `ServerHealthStatus` shown for a backend at weight 0; the checks themselves go on. `abnormal`: at layer 4 only. */
  readonly slbHealthAtWeightZero: 'as-checked' | 'normal' | 'abnormal' | 'not-listed';
  /** `ServerHealthStatus` shown for the secondary of a pair, which is not checked by default; `as-checked`: as if it were. */
  readonly slbHealthOfSecondary: 'not-listed' | 'as-checked' | 'normal' | 'unavailable';
  /** What DescribeHealthStatus of a load balancer shows for the listeners of it that have no check. */
  readonly slbHealthOfUncheckedListener: 'normal' | 'unavailable' | 'not-listed';
  /** DescribeHealthStatus of a load balancer without any check: `CheckedListenerNotFound`, or an empty list. */
  readonly slbHealthWithoutChecks: 'refused' | 'empty';
  /** Does a backend at weight 0 get new connections under the `rr` scheduler? */
  readonly slbWeightZeroUnderRr: 'still-receives' | 'receives-nothing';
  /** The same under the hash schedulers (`sch`, `tch`, `qch`). */
  readonly slbWeightZeroUnderHash: 'sticky-clients-arrive' | 'receives-nothing';
  /** The same with session persistence on. */
  readonly slbWeightZeroUnderPersistence: 'sticky-clients-arrive' | 'receives-nothing';
  /** SLB Set with `Description` left out. */
  readonly slbSetWithoutDescription: 'kept' | 'cleared';
  /** SLB Set with `Weight` left out: unchanged, or the default of 100 that is documented for the element. */
  readonly slbSetWithoutWeight: 'kept' | 'default-100';
  /**
   * SLB Set of a listener without `HealthCheckDomain`: one real tool always sends it again, since what is left out there
   * does not stay.
   */
  readonly slbSetWithoutHealthCheckDomain: 'cleared' | 'kept';
  /**
   * The same without `PersistenceTimeout`, whose page gives a default of 0. That reads like one for new listeners, so it is
   * kept; code that compares before and after is safe either way.
   */
  readonly slbSetWithoutPersistenceTimeout: 'kept' | 'reset-to-0';
  /** How long a listener refuses Set after a write to it (`ListenerProcessing`), in ms. */
  readonly slbListenerProcessingMs: number;
  /** Is Set of a TCP or UDP listener judged on `acl/*`, which its page lists, also when it names no access list? */
  readonly slbSetListenerNeedsAcl: 'when-named' | 'always';
  /** HTTP status of `InvalidLoadBalancerId.NotFound`. */
  readonly slbMissingLoadBalancerStatus: 400 | 404;
  /** `InvalidServerId.NotFound` for an unknown server: both statuses are listed. */
  readonly slbUnknownServerStatus: 404 | 400;
  /** Does the `ServerId` filter of DescribeLoadBalancers see vServer groups, and primary/secondary ones? */
  readonly slbServerIdFilterSeesVServerGroups: boolean;
  /** Error for a wrong access key id at the RPC products: status 404 (most products) or 400 (SLB's own table). */
  readonly rpcUnknownAccessKeyStatus: 404 | 400;
  /** Does DescribeInstances lag behind the truth, and by how much, in ms? */
  readonly ecsDescribeLagMs: number;
  /** State event at an instance's creation. */
  readonly ecsCreationEventState: 'Created' | 'Pending' | 'none';
  /** Do a hard stop and a reboot emit `Stopped` between `Stopping` and `Starting`? */
  readonly ecsRebootEmitsStopped: boolean;
  /** Events of a forced release of an instance that is not Stopped. The default is the course its states suggest. */
  readonly ecsForcedReleaseEvents: 'stopping-first' | 'deleted-only';
  /** Does the `id` of the bus event stay the same from one status of a system event to the next? */
  readonly ecsSystemEventIds: 'new-each-status' | 'same-for-all-statuses';
  /** Do IsolateErrorDisk and ReInitErrorDisk, whose names have no Reboot in them, restart the instance? */
  readonly ecsDiskEventsReboot: boolean;
  /** What is heard of the open system events of an instance that is released. */
  readonly ecsReleaseEndsSystemEvents: 'silently' | 'Canceled' | 'Avoided';
  /**
   * System events that DescribeInstancesFullStatus lists: its page speaks of the Scheduled ones, the SDKs' models of the
   * Inquiring ones too, which is the default.
   */
  readonly ecsFullStatusEvents: 'scheduled-and-inquiring' | 'scheduled-only' | 'all-open';
  /** What its event filters leave out: events, as the page has it, or also the instances without any that match. */
  readonly ecsFullStatusEventFilters: 'events' | 'instances-too';
  /** The same of the `id` at CloudMonitor, whose published sample has one for all. */
  readonly cmsSystemEventIds: 'same-for-all-statuses' | 'new-each-status';
  /**
   * The status behind the `name` of a system event at CloudMonitor. Its list has each status there; in the published
   * sample of an event that was avoided it is still the first.
   */
  readonly cmsSystemEventNames: 'first-status-when-avoided' | 'first-status' | 'current-status';
  /** `level` of a spot interruption at CloudMonitor: INFO in ECS' sample, WARN in CloudMonitor's list. */
  readonly cmsSpotInterruptionLevel: 'INFO' | 'WARN';
  /**
   * `eventName` of a metric alarm: AlertOk in the published sample, which fires; no other is published, so that `by-level`
   * (AlertCritical, AlertOk) is a guess.
   */
  readonly cmsAlarmEventName: 'always-AlertOk' | 'by-level';
  /** Lifecycle hooks per scaling group: 6, 8 and 10 are all documented. */
  readonly essHooksPerGroupMax: 6 | 8 | 10;
  /** From when a heartbeat's timeout counts. From now on it can also shorten a wait. */
  readonly essHeartbeatCountsFrom: 'now' | 'old-deadline';
  /** What CompleteLifecycleAction without a result means: the hook's DefaultResult (API 2022) or CONTINUE (API 2014). */
  readonly essCompleteWithoutResult: 'default-result' | 'continue';
  /** What a wait comes to whose hook is deleted; that it ends is documented. */
  readonly essDeletedHookResult: 'default-result' | 'continue';
  /** The desired capacity after a scale-in came to ROLLBACK: where it stays lowered, the group soon tries again. */
  readonly essDesiredCapacityAfterRollback: 'stays-lowered' | 'restored';
  /** When a leaving instance leaves the vServer groups that Auto Scaling keeps: the Chinese page or the English one. */
  readonly essDetachesFromSlb: 'before-wait' | 'after-wait';
  /** Does a group remove instances that are not Running? `off` is the suspended health check, not the documented rule. */
  readonly essRemovesUnhealthy: 'on' | 'off';
  /** A hook's message on a queue: the JSON as it is, or Base64 of it. Neither hurts more; readers must take both. */
  readonly essHookMessageEncoding: 'plain' | 'base64';
  /** Does a hook's notification list the instances? They are in the vendor's own model; no sample proves them. */
  readonly essHookMessageInstanceIds: 'listed' | 'left-out';
  /** The hook's NotificationMetadata in its notification: that it is sent is documented, where it stands is not. */
  readonly essHookMessageMetadata: 'left-out' | 'in-content';
  /** Does DescribeLifecycleActions need a permission? One page says that it needs none. */
  readonly essDescribeLifecycleActionsNeeds: 'permission' | 'nothing';
  /** AND/OR conditions of Tablestore: exactly two parts as documented, or any number. */
  readonly otsCompositeParts: 'exactly-two' | 'any';
  /** Does a row whose cells have all expired count as existing? */
  readonly otsExpiredRowExists: boolean;
  /** How far `x-ots-date` may be off, in ms. */
  readonly otsDateToleranceMs: number;
  /** CreateTable answers at once; the table is usable this many ms later. */
  readonly otsTableReadyAfterMs: number;
  /** Comparing a column with a constant of another type in a condition or filter. */
  readonly otsConditionTypeMismatch: 'never-holds' | 'error';
  /** The same row twice in one table of BatchWriteRow: refused whole, or only if one of the two has a condition. */
  readonly otsRepeatedRowsInBatch: 'reject' | 'without-conditions';
  /** A table that does not exist in a batch: the whole request fails, or the rows of that table. */
  readonly otsBatchUnknownTable: 'whole-request' | 'its-rows';
  /** PutRow of a row without attribute columns (`Attribute column is missing.`). */
  readonly otsPutWithoutColumns: 'reject' | 'accept';
  /** Column names: letters, digits and `_` as documented, or anything that does not start with `#`, as seen in SDK tests. */
  readonly otsColumnNames: 'documented' | 'all-but-leading-hash';
  /**
   * Table operations accepted per second and instance, above it 403 `Too frequent table operations.`; `null` = any
   * number. About 10 is documented; off by default since every set-up creates its tables in one go.
   */
  readonly otsTableOperationsPerSecond: number | null;
  /** 403 codes of MNS for a wrong key and a wrong signature. */
  readonly mnsWrongKeyCode: 'InvalidAccessKeyId' | 'AccessDenied';
  readonly mnsWrongSignatureCode: 'SignatureDoesNotMatch' | 'AccessDenied';
  /** Does CreateQueue with `<DlqPolicy>` work over the 2015-06-06 API? */
  readonly mnsDlqPolicyInXml: boolean;
  /** RAM action of the batch forms: that of the single call, or one of their own (`mns:BatchSendMessage`), as newer pages say. */
  readonly mnsBatchAction: 'single-action' | 'own-action';
  /** Basis of `MessageBodyMD5`. */
  readonly mnsBodyMd5Of: 'stored-text' | 'decoded-body';
  /** Can a native FC 3.0 function be invoked over the 2016-08-15 API (as service `name`, or without one)? */
  readonly fcNativeFunctionsOver2016: boolean;
  /** After a failed initializer: the next invocation gets a new instance, or the initializer runs again in this one. */
  readonly fcFailedInitializer: 'new-instance' | 'retry-in-place';
  /** Body of a function that returns `undefined` or `null`. */
  readonly fcEmptyResult: 'empty' | 'null-text';
  /** `asyncTask` ids stay taken for this long, in ms. */
  readonly fcTaskIdReservedMs: number;
  /** A task id on an invocation of a function that is not in task mode: ignored, so that repeats run, or honoured. */
  readonly fcTaskIdWithoutTaskMode: 'ignored' | 'honoured';
  /** Wait before the first asynchronous retry after a function error, in ms; each further wait is twice as long. */
  readonly fcAsyncErrorRetryFirstMs: number;
  /** Asynchronous invocations that the platform fails with 5xx: two pages disagree. */
  readonly fcAsyncSystemErrors: 'given-up' | 'retried';
  /** HTTP status of `EntityTooLarge` for a payload: the error table says 400, HTTP says 413. */
  readonly fcPayloadTooLargeStatus: 413 | 400;
  /** What Base64 decoding by the queue stream does to a body that is not Base64. */
  readonly streamNonBase64Body: 'as-is' | 'garbled';
  /** What an event stream puts on its dead-letter queue: the message as it was queued, or the CloudEvent around it. */
  readonly streamDeadLetterBody: 'message-body' | 'cloud-event';
  /** Does the `id` of the CloudEvent around a queued message stay the same when the message is delivered again? */
  readonly streamEventId: 'new-each-delivery' | 'stable';
}

/** The defaults; a scene or a test changes single ones by spreading over these. */
export const DEFAULT_SWITCHES: Switches = {
  slbAddPresent: 'reject',
  slbSetAbsent: 'ignore',
  slbDuplicateInRequest: 'keep-first',
  slbBackendsPerCallMax: 20,
  slbGroupProcessingMs: 1_000,
  slbAssociationLingersMs: 3_000,
  slbRateLimits: 'on',
  slbRetryAfterMs: null,
  slbReleasedInstanceDroppedAfterMs: null,
  slbAddNotRunning: 'ObtainIpFail',
  slbBackendQuota: 200,
  slbWriteAnswers: 'whole-group',
  slbHealthAtWeightZero: 'as-checked',
  slbHealthOfSecondary: 'not-listed',
  slbHealthOfUncheckedListener: 'normal',
  slbHealthWithoutChecks: 'refused',
  slbWeightZeroUnderRr: 'still-receives',
  slbWeightZeroUnderHash: 'sticky-clients-arrive',
  slbWeightZeroUnderPersistence: 'sticky-clients-arrive',
  slbSetWithoutDescription: 'kept',
  slbSetWithoutWeight: 'default-100',
  slbSetWithoutHealthCheckDomain: 'cleared',
  slbSetWithoutPersistenceTimeout: 'kept',
  slbListenerProcessingMs: 0,
  slbSetListenerNeedsAcl: 'when-named',
  slbMissingLoadBalancerStatus: 404,
  slbUnknownServerStatus: 404,
  slbServerIdFilterSeesVServerGroups: false,
  rpcUnknownAccessKeyStatus: 404,
  ecsDescribeLagMs: 0,
  ecsCreationEventState: 'Created',
  ecsRebootEmitsStopped: false,
  ecsForcedReleaseEvents: 'stopping-first',
  ecsSystemEventIds: 'new-each-status',
  ecsDiskEventsReboot: true,
  ecsReleaseEndsSystemEvents: 'silently',
  ecsFullStatusEvents: 'scheduled-and-inquiring',
  ecsFullStatusEventFilters: 'events',
  cmsSystemEventIds: 'same-for-all-statuses',
  cmsSystemEventNames: 'first-status-when-avoided',
  cmsSpotInterruptionLevel: 'INFO',
  cmsAlarmEventName: 'always-AlertOk',
  essHooksPerGroupMax: 6,
  essHeartbeatCountsFrom: 'now',
  essCompleteWithoutResult: 'default-result',
  essDeletedHookResult: 'default-result',
  essDesiredCapacityAfterRollback: 'stays-lowered',
  essDetachesFromSlb: 'before-wait',
  essRemovesUnhealthy: 'on',
  essHookMessageEncoding: 'plain',
  essHookMessageInstanceIds: 'listed',
  essHookMessageMetadata: 'left-out',
  essDescribeLifecycleActionsNeeds: 'permission',
  otsCompositeParts: 'exactly-two',
  otsExpiredRowExists: false,
  otsDateToleranceMs: 15 * 60_000,
  otsTableReadyAfterMs: 0,
  otsConditionTypeMismatch: 'never-holds',
  otsRepeatedRowsInBatch: 'reject',
  otsBatchUnknownTable: 'whole-request',
  otsPutWithoutColumns: 'reject',
  otsColumnNames: 'documented',
  otsTableOperationsPerSecond: null,
  mnsWrongKeyCode: 'InvalidAccessKeyId',
  mnsWrongSignatureCode: 'SignatureDoesNotMatch',
  mnsDlqPolicyInXml: true,
  mnsBatchAction: 'single-action',
  mnsBodyMd5Of: 'stored-text',
  fcNativeFunctionsOver2016: true,
  fcFailedInitializer: 'new-instance',
  fcEmptyResult: 'empty',
  fcTaskIdReservedMs: 24 * 60 * 60_000,
  fcTaskIdWithoutTaskMode: 'ignored',
  fcAsyncErrorRetryFirstMs: 500,
  fcAsyncSystemErrors: 'given-up',
  fcPayloadTooLargeStatus: 413,
  streamNonBase64Body: 'as-is',
  streamDeadLetterBody: 'message-body',
  streamEventId: 'new-each-delivery',
};
