import { RejectedError } from '../errors.ts';

/** ESS does not wait for this hook's answer (any more): it was answered, its time ran out, or it never was. List to find out. */
export class HookEndedError extends RejectedError {}

/** The scaling group does not exist (any more). What a message said of it is given up; whoever selects by it cannot go on. */
export class MissingScalingGroupError extends RejectedError {}

/** ESS grants no such heartbeat. `times`: it has granted all that there are; `time`: the wait would become too long. */
export class HeartbeatLimitError extends RejectedError {
  readonly limit: 'times' | 'time';

  constructor(limit: 'times' | 'time', ...rest: ConstructorParameters<typeof RejectedError>) {
    super(...rest);
    this.limit = limit;
  }
}
