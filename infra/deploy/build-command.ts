import { parseArgs } from 'node:util';
import { buildFunctions, DEFAULT_TARGET } from './build.ts';

const { values } = parseArgs({ options: { config: { type: 'string' }, out: { type: 'string' } } });
const names = await buildFunctions({
  outFolder: values.out ?? DEFAULT_TARGET.outFolder,
  configFile: values.config ?? DEFAULT_TARGET.configFile,
});
console.log(`built ${names.join(', ')}`);
