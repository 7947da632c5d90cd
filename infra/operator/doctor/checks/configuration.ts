import type { ConfigError } from '../../../../shared/config/faults.ts';
import { anError, type Finding } from '../model.ts';

/** A finding for each fault of the file or of the environment, as `validate` tells them. */
export function configurationFindings({ source, faults }: ConfigError): ReadonlyArray<Finding> {
  return faults.map(({ path, found, allowed, line, column }) => {
    const file = line === null ? source : `${source}:${line}:${column ?? 1}`;
    const told = path === '' ? `found ${found}` : `${path}: found ${found}`;
    return anError('configuration', { file }, told, `allowed is ${allowed}`);
  });
}
