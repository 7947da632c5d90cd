import { CloudError } from '../errors.ts';

/** ECS' refusals, in its words. */
export const ecsRefusals = {
  instanceNotFound: () =>
    new CloudError(404, 'InvalidInstanceId.NotFound', 'The specified InstanceId does not exist.'),
  incorrectStatus: () =>
    new CloudError(
      403,
      'IncorrectInstanceStatus',
      'The current status of the resource does not support this operation.',
    ),
  initializing: () =>
    new CloudError(
      403,
      'IncorrectInstanceStatus.Initializing',
      'The specified instance status does not support this operation.',
    ),
  dryRunPassed: () =>
    new CloudError(400, 'DryRunOperation', 'Request validation has been passed with DryRun flag set.'),
  malformedInstanceIds: () =>
    new CloudError(400, 'InvalidInstanceIds.Malformed', 'The specified InstanceIds is not valid.'),
  statusNotFound: () => new CloudError(404, 'InvalidStatus.NotFound', 'The specified Status is not found'),
  tagMismatch: () =>
    new CloudError(400, 'InvalidTag.Mismatch', 'The specified Tag.n.Key and Tag.n.Value are not match.'),
  tooManyTags: () =>
    new CloudError(400, 'InvalidTagCount', 'The specified tags are beyond the permitted range.'),
  tokenForOtherParameters: () =>
    new CloudError(
      400,
      'IdempotentParameterMismatch',
      'The specified parameter has changed while using an already used clientToken.',
    ),
  eventNotFound: () =>
    new CloudError(
      404,
      'InvalidEventId.NotFound',
      'The specified EventId does not exist, or its event is over.',
    ),
  eventHasBegun: () =>
    new CloudError(
      403,
      'IncorrectEventStatus',
      'The current status of the event does not support this operation.',
    ),
  eventNever: (type: string, status: string) =>
    new CloudError(400, 'InvalidParameter', `An event of the type ${type} is never ${status}.`),
  notSpot: () =>
    new CloudError(
      409,
      'NotSpotInstance',
      'Only an instance that was run with a SpotStrategy can be interrupted.',
    ),
  alreadyInterrupted: () =>
    new CloudError(
      409,
      'AlreadyInterrupted',
      'The instance has been interrupted already and is about to be released.',
    ),
  /** DescribeInstancesFullStatus has words of its own for ids and parameters. */
  tooManyIds: (name: string, max: number) =>
    new CloudError(403, `${name}LimitExceeded`, `The amount of ${name} specified exceeds limit ${max}.`),
  invalidFullStatusParameter: () =>
    new CloudError(403, 'InvalidParameter', 'The Parameter provided is not valid.'),
  invalidParameter: (name: string) =>
    new CloudError(400, 'InvalidParameter', `The specified parameter "${name}" is not valid.`),
};
