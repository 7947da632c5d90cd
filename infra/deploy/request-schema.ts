import * as z from 'zod';
import { ChangeRequestSchema } from '../../shared/requests/document.ts';

/** Where the schema is kept, from the root: beside the samples that it describes. */
export const REQUEST_SCHEMA_FILE = 'events/change-request.schema.json';

/**
 * The JSON Schema (draft 2020-12) of a change request, for clients in any language, as the text of its file. It says all
 * that the functions check but the bounds of durations, whether a day is in the calendar, and the size of the whole.
 */
export function requestSchemaText(): string {
  const schema = z.toJSONSchema(ChangeRequestSchema, {
    target: 'draft-2020-12',
    override: ({ jsonSchema, path }) => {
      if (path.length > 0) return;
      Object.assign(jsonSchema, {
        $id: 'urn:slb-autopilot:change-request:1',
        title: 'Change request of slb-autopilot, version 1',
        description:
          'Goes in Base64 onto the MNS queue slb-autopilot-change-requests; at most 48 KiB of JSON in UTF-8.',
      });
    },
  });
  const { $schema, $id, title, description, ...rest } = schema;
  return `${JSON.stringify({ $schema, $id, title, description, ...rest }, null, 2)}\n`;
}
