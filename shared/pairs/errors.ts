import { RejectedError } from '../errors.ts';

/** The primary/secondary group does not exist (any more). Read the list and decide anew. */
export class MissingPairGroupError extends RejectedError {}

/** The listener does not exist (any more). It is left out from then on. */
export class MissingListenerError extends RejectedError {}

/**
 * The group cannot be deleted while a listener uses it, or has used it until a moment ago: SLB does not tell the two apart.
 * Read the listeners; if none uses it, try again for some minutes.
 */
export class GroupInUseError extends RejectedError {}
