import { Option } from 'commander';
import { NOTE_FILE } from '../local-connection.ts';

/** Where running clouds are noted, for `autopilot local` and for the commands that talk to them. */
export function noteOption(): Option {
  return new Option(
    '--note <file>',
    'where running clouds are noted; what `local --json` printed does as well',
  )
    .env('AUTOPILOT_NOTE')
    .default(NOTE_FILE, '.autopilot/local.json of the project');
}
