/**
 * What Function Compute hands over beside the event, as far as we read it. The credentials are the function role's,
 * fresh with every invocation; they are empty when the function has no role.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/context-1-1
 */
export interface FcContext {
  readonly requestId: string;
  readonly credentials?: {
    readonly accessKeyId?: string;
    readonly accessKeySecret?: string;
    readonly securityToken?: string;
  };
  readonly function?: { readonly name?: string };
}
