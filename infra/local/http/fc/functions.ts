import type { FunctionHost } from '../../host/function-host.ts';
import { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';

/** The function that an invoke request means. */
export interface InvokeTarget {
  /** The name that the host knows it by. */
  readonly functionName: string;
  /** What the caller's policy must allow `fc:InvokeFunction` on. */
  readonly resource: string;
}

function arn(foundation: Foundation, path: string): string {
  return `acs:fc:${foundation.region}:${foundation.identities.accountId}:${path}`;
}

/** Nothing is published locally, so that the only version is `LATEST`. Throws `VersionNotFound` or `AliasNotFound`. */
function checkQualifier(qualifier: string, owner: string): void {
  if (qualifier === '' || qualifier === 'LATEST') return;
  const kind = /^\d+$/.test(qualifier) ? 'version' : 'alias';
  const code = kind === 'version' ? 'VersionNotFound' : 'AliasNotFound';
  throw new CloudError(404, code, `${kind} '${qualifier}' of ${owner} does not exist`);
}

/** The target of a 2023-03-30 request. */
export function nativeTarget(foundation: Foundation, functionName: string, qualifier: string): InvokeTarget {
  checkQualifier(qualifier, `function '${functionName}'`);
  return { functionName, resource: arn(foundation, `functions/${functionName}`) };
}

/**
 * The target of a 2016-08-15 request for `service[.qualifier]`: the migrated function `service$function`, or, under
 * the switch `fcNativeFunctionsOver2016`, the native function of that name in whatever service the caller names.
 * Throws CloudError `ServiceNotFound` or `FunctionNotFound`.
 */
export function serviceTarget(
  foundation: Foundation,
  host: FunctionHost,
  serviceAndQualifier: string,
  name: string,
): InvokeTarget {
  const dot = serviceAndQualifier.indexOf('.');
  const service = dot < 0 ? serviceAndQualifier : serviceAndQualifier.slice(0, dot);
  checkQualifier(dot < 0 ? '' : serviceAndQualifier.slice(dot + 1), `service '${service}'`);
  const resource = arn(foundation, `services/${service}/functions/${name}`);
  const migrated = `${service}$${name}`;
  if (host.find(migrated) !== null) return { functionName: migrated, resource };
  if (foundation.switches.fcNativeFunctionsOver2016 && host.find(name) !== null) {
    return { functionName: name, resource };
  }
  const hasService = host.list().some(({ settings }) => settings.functionName.startsWith(`${service}$`));
  if (!hasService) throw new CloudError(404, 'ServiceNotFound', `service '${service}' does not exist`);
  throw new CloudError(404, 'FunctionNotFound', `function '${name}' does not exist in service '${service}'`);
}
