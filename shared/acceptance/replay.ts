import { plainText, unwrap } from '../events/carriers.ts';
import { interpret } from '../events/interpret.ts';
import type { InboundEvent } from '../events/model.ts';
import type { QuarantineItem, ReplayPlace, ReplayPlan } from './model.ts';
import { quarantineKey } from './plan.ts';

/** What becomes 64 KB in Base64, which is all that a message of a queue takes. */
const MESSAGE_BYTES_MAX = 48 * 1024;

/** Whether the text is kept as it came; else it is only its beginning, since it was too long for the table. */
export function isWhole({ key, text }: Pick<QuarantineItem, 'key' | 'text'>): boolean {
  return quarantineKey(text) === key;
}

/** Reads a quarantined text again with what is known today. All of it can be worked with, or none of it goes anywhere. */
export function planReplay({ text }: Pick<QuarantineItem, 'text'>): ReplayPlan {
  const sent: Array<{ place: ReplayPlace; text: string }> = [];
  for (const message of unwrap(Buffer.from(text, 'utf8'))) {
    const event = interpret(message);
    const place = placeOf(event);
    if (event.kind === 'not-understood') return refused(event.reason);
    if (place === null) return refused(`nothing would come of it: ${nameOf(event)}`);
    const plain = plainText(message.text);
    const bytes = Buffer.byteLength(plain);
    if (bytes > MESSAGE_BYTES_MAX) {
      return refused(`it has ${bytes} bytes, a message of a queue at most ${MESSAGE_BYTES_MAX}`);
    }
    sent.push({ place, text: plain });
  }
  return sent.length === 0 ? refused('an empty list') : { kind: 'send', messages: sent };
}

/** The queue that an event belongs on; `null` = there is nothing to be done about it. */
function placeOf(event: InboundEvent): ReplayPlace | null {
  switch (event.kind) {
    case 'instance-state-changed':
    case 'instance-interrupted':
    case 'system-event':
    case 'health-alarm':
      return 'instance-events';
    case 'lifecycle-hook':
      return 'scaling-hooks';
    case 'change-request':
      return 'change-requests';
    // A lane that one of these should have led to has long been found by later ticks and sweeps.
    case 'wake-up':
    case 'reconcile':
    case 'tick':
    case 'ignored':
    case 'not-understood':
      return null;
  }
}

function nameOf(event: InboundEvent): string {
  return event.kind === 'ignored' ? event.reason : event.kind;
}

function refused(reason: string): ReplayPlan {
  return { kind: 'refused', reason };
}
