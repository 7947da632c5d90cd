import { parseArgs } from 'node:util';
import { ConfigError, formatFaults } from '../../shared/config/faults.ts';
import { buildFunctions, DEFAULT_TARGET } from './build.ts';

const WRONG_CONFIGURATION_STATUS = 2;

const { values } = parseArgs({ options: { config: { type: 'string' }, out: { type: 'string' } } });
try {
  const names = await buildFunctions({
    outFolder: values.out ?? DEFAULT_TARGET.outFolder,
    configFile: values.config ?? DEFAULT_TARGET.configFile,
  });
  console.log(`built ${names.join(', ')}`);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(formatFaults(error));
  process.exitCode = WRONG_CONFIGURATION_STATUS;
}
