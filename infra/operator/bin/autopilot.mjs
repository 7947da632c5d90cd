#!/usr/bin/env node
// The sources are TypeScript and run as they are: this file is all that Node must be able to read by itself.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('../program.ts');
const status = await main(process.argv.slice(2));
// Whatever a library still keeps open must not keep an ended command alive.
process.stdout.write('', () => process.exit(status));
