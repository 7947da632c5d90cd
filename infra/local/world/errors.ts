/**
 * A refusal by one of the local clouds, in that cloud's own words. The HTTP skin writes it in the product's wire
 * form; the in-memory skin maps it as the adapter maps the real one.
 */
export class CloudError extends Error {
  override readonly name: string = 'CloudError';
  readonly status: number;
  readonly code: string;
  /** Extra response headers, such as `x-acs-retry-after` (milliseconds). */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/**
 * The caller's policy does not allow the call. Each product has its own words for it, so the skins translate; ECS
 * DescribeInstances answers an empty list instead.
 */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
  readonly action: string;
  readonly resource: string;

  constructor(action: string, resource: string) {
    super(`${action} on ${resource} is not allowed by the caller's policy`);
    this.action = action;
    this.resource = resource;
  }
}

/** The connection breaks without an answer; `applied` says whether the call had taken effect before. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly applied: boolean;

  constructor(applied: boolean) {
    super(
      applied ? 'the reply was lost after the call took effect' : 'the connection was lost before the call',
    );
    this.applied = applied;
  }
}
