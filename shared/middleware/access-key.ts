import type { MiddlewareObj } from '@middy/core';
import type { AccessKey } from '../access-key.ts';
import type { FcContext } from './context.ts';

/** Takes the access key out of each invocation's context, so that no token is used beyond its life. */
export function accessKey(replace: (key: AccessKey) => void): MiddlewareObj<unknown, unknown> {
  return {
    before: ({ context }) => {
      const { credentials } = context as unknown as FcContext;
      if (!credentials?.accessKeyId || !credentials.accessKeySecret) return;
      replace({
        accessKeyId: credentials.accessKeyId,
        accessKeySecret: credentials.accessKeySecret,
        securityToken: credentials.securityToken || null,
      });
    },
  };
}
