import { CloudError } from '../errors.ts';

/** A value outside its documented bounds, or a part that is missing (400). */
export function invalidArgument(message: string): CloudError {
  return new CloudError(400, 'InvalidArgument', message);
}

/** No queue of that name (404). */
export function queueNotExist(): CloudError {
  return new CloudError(404, 'QueueNotExist', 'The queue name you provided is not exist.');
}

/** Nothing to receive, or a receipt handle that is well formed and no longer valid (404). */
export function messageNotExist(): CloudError {
  return new CloudError(404, 'MessageNotExist', 'Message not exist.');
}

/** Throws `InvalidArgument` unless `value` is a whole number from `low` to `high`. */
export function requireWithin(name: string, value: number, low: number, high: number, unit: string): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw invalidArgument(`The value of ${name} should between ${low} and ${high} ${unit}.`);
}
