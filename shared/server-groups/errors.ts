import { RejectedError } from '../errors.ts';

/** The vServer group does not exist (any more). The lane's other groups go on; this one is held until it is back. */
export class MissingGroupError extends RejectedError {}

/**
 * SLB refused the whole call because of one backend in it, without saying which. The caller comes back with smaller
 * batches.
 */
export class RefusedBackendError extends RejectedError {}
