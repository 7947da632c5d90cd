import { RejectedError } from '../errors.ts';

/** A group cannot be deleted: a listener or a rule uses it, or has only just let go. */
export class GroupUsedError extends RejectedError {}
