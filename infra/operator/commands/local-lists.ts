import type { Command } from 'commander';
import { createCloudsClient, type ListedGroup, type ListedInstance } from '../clouds-client.ts';
import { findConnection } from '../local-connection.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { noteOption } from './note-option.ts';

interface ListOptions {
  readonly json?: true;
  readonly note: string;
}

/** `autopilot local instances` and `groups`: what ECS and SLB list. */
export function addListCommands(local: Command, terminal: Terminal): void {
  const { out } = terminal;
  local
    .command('instances')
    .summary('list the instances')
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action(async ({ json, note }: ListOptions) => {
      const instances = await createCloudsClient(findConnection(note)).instances();
      if (json) out.write(`${JSON.stringify({ instances })}\n`);
      else if (instances.length === 0) out.write('There are no instances.\n');
      else {
        const head = ['instance', 'status', 'tags', 'private address'];
        out.write(`${renderTable(head, instances.map(instanceRow), out.colors)}\n`);
      }
    });
  local
    .command('groups')
    .summary('list the vServer groups with their backends')
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action(async ({ json, note }: ListOptions) => {
      const groups = await createCloudsClient(findConnection(note)).groups();
      if (json) out.write(`${JSON.stringify({ groups })}\n`);
      else if (groups.length === 0) out.write('There are no vServer groups.\n');
      else {
        const head = ['group', 'server', 'port', 'weight', 'description'];
        out.write(`${renderTable(head, groups.flatMap(groupRows), out.colors)}\n`);
      }
    });
}

function instanceRow({ instanceId, status, tags, privateIpAddress }: ListedInstance): ReadonlyArray<string> {
  const described = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [instanceId, status, described.join(' '), privateIpAddress];
}

function groupRows({ name, vServerGroupId, backends }: ListedGroup): ReadonlyArray<ReadonlyArray<string>> {
  const title = `${name} (${vServerGroupId})`;
  if (backends.length === 0) return [[title, 'empty', '', '', '']];
  return backends.map(({ serverId, port, weight, description }, index) => [
    index === 0 ? title : '',
    serverId,
    String(port),
    String(weight),
    description,
  ]);
}
