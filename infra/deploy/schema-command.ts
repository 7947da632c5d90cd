import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { REQUEST_SCHEMA_FILE, requestSchemaText } from './request-schema.ts';

await writeFile(fileURLToPath(new URL(`../../${REQUEST_SCHEMA_FILE}`, import.meta.url)), requestSchemaText());
console.log(`wrote ${REQUEST_SCHEMA_FILE}`);
