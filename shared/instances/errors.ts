import { TransientError } from '../errors.ts';

/**
 * An empty answer that proves nothing: the cloud answers an identity without permission with the same, and nothing tells
 * the two apart. Decide nothing about whom it was about, and ask again later.
 */
export class UnprovenError extends TransientError {
  constructor(api: string) {
    const origin = { api, code: null, requestId: null };
    super(
      `${api} lists nothing at all, as it does for an identity without permission`,
      'unavailable',
      origin,
    );
  }
}
