import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../../shared/config/duration.ts';
import { parseInstant } from '../../../shared/times.ts';
import { SYSTEM_EVENTS } from '../../local/world/ecs/system-event.ts';
import { createControlClient, type SystemEventEnd } from '../control-client.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findConnection } from '../local-connection.ts';
import type { Terminal } from '../terminal.ts';
import { giveOrders } from './give-orders.ts';
import { noteOption } from './note-option.ts';

interface InterruptOptions {
  readonly json?: true;
  readonly note: string;
}

interface SystemEventOptions {
  readonly type?: string;
  /** An instant, ISO 8601. */
  readonly notBefore?: string;
  readonly inquiring?: true;
  readonly failing?: true;
  readonly cancel?: string;
  readonly avoid?: string;
  readonly json?: true;
  readonly note: string;
}

/** `autopilot local interrupt` and `system-event`: what clouds do by themselves, over the control endpoint. */
export function addWorldCommands(local: Command, terminal: Terminal): void {
  local
    .command('interrupt')
    .summary('take spot instances back')
    .description(
      'Interrupts spot instances, as the cloud does when it needs them back: a notice on the event bus at once, the release when the notice is over. Run some with `run-instances --spot`.',
    )
    .argument('<instanceId...>', 'such as i-bp1…')
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action((instanceIds: ReadonlyArray<string>, { json, note }: InterruptOptions) => {
      const client = createControlClient(findConnection(note));
      return giveOrders({
        order: 'interrupt',
        instanceIds,
        give: client.interrupt,
        done: ({ releaseAt }) => `is interrupted and will be released at ${releaseAt}`,
        isJson: json === true,
        terminal,
      });
    });

  const scheduling = ['type', 'notBefore', 'inquiring', 'failing'];
  local
    .command('system-event')
    .summary('schedule maintenance or a failure of an instance, or call it off')
    .description(
      'Announces a system event of an instance on the event bus and carries it out when its time has come. Failures begin at once.',
    )
    .argument('<instanceId>', 'such as i-bp1…')
    .addOption(new Option('--type <type>', 'what is to happen').choices(Object.keys(SYSTEM_EVENTS)))
    .option(
      '--not-before <when>',
      'when it begins: 10m from now, or 2026-11-20T08:10:00Z (default: now)',
      readWhen,
    )
    .option('--inquiring', 'ask the owner first, for types that can be scheduled as well')
    .option('--failing', 'let the execution fail, for types that can')
    .addOption(
      new Option('--cancel <eventId>', 'call an event off that has not begun').conflicts([
        ...scheduling,
        'avoid',
      ]),
    )
    .addOption(
      new Option('--avoid <eventId>', 'end it as one that its owner has made superfluous').conflicts(
        scheduling,
      ),
    )
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action((instanceId: string, options: SystemEventOptions) => {
      const { cancel, avoid } = options;
      if (cancel !== undefined) return endEvent('cancel', cancel, instanceId, options, terminal);
      if (avoid !== undefined) return endEvent('avoid', avoid, instanceId, options, terminal);
      return scheduleEvent(instanceId, options, terminal);
    });
}

async function scheduleEvent(
  instanceId: string,
  { type: eventType, notBefore, inquiring, failing, json, note }: SystemEventOptions,
  { out }: Terminal,
): Promise<void> {
  if (eventType === undefined) {
    throw new CommandError(
      EXIT_STATUS.wrong,
      'error: one of --type, --cancel, --avoid is needed\n(--help tells more)',
    );
  }
  const { eventId } = await createControlClient(findConnection(note)).scheduleSystemEvent({
    instanceId,
    eventType,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(inquiring ? { inquiring } : {}),
    ...(failing ? { failing } : {}),
  });
  if (json)
    out.write(`${JSON.stringify({ eventId, instanceId, eventType, notBefore: notBefore ?? null })}\n`);
  else
    out.write(
      `${eventId} ${eventType} of ${instanceId}, ${notBefore === undefined ? 'now' : `not before ${notBefore}`}\n`,
    );
}

async function endEvent(
  end: SystemEventEnd,
  eventId: string,
  instanceId: string,
  { json, note }: SystemEventOptions,
  { out }: Terminal,
): Promise<void> {
  const client = createControlClient(findConnection(note));
  const { status } = await client.endSystemEvent(end, eventId, instanceId);
  out.write(json ? `${JSON.stringify({ eventId, instanceId, status })}\n` : `${eventId} is ${status}\n`);
}

/** A duration from now, or an instant. */
function readWhen(text: string): string {
  const inMs = parseDuration(text);
  const atMs = inMs === null ? parseInstant(text) : Date.now() + inMs;
  if (atMs !== null) return new Date(atMs).toISOString();
  throw new InvalidArgumentError(
    'Allowed is a duration such as 10m, or an instant such as 2026-11-20T08:10:00Z.',
  );
}
