import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Credential } from '../../world/identities.ts';

/**
 * The bearer token of the control endpoint: made of the administrator's secret, which cannot be found out from it, so
 * that it may stand on a command line where the secret must not.
 */
export function controlTokenOf({ accessKeySecret }: Pick<Credential, 'accessKeySecret'>): string {
  return createHmac('sha256', accessKeySecret)
    .update('slb-autopilot: control of the local clouds')
    .digest('hex');
}

/** Whether the `Authorization` header carries the token; how long that takes tells nothing about it. */
export function carriesToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
