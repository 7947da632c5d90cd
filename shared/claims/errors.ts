import { ConflictError } from '../errors.ts';

/** The claim is somebody else's by now: stop, whatever was going on; they continue or have finished. */
export class LostClaimError extends ConflictError {}
