import type { ApiCall } from '../api-call.ts';
import type { Foundation } from '../foundation.ts';
import type { Principal } from '../identities.ts';

/** The operations on queues and on their messages, as RAM names them after `mns:`. */
export type MnsAction =
  | 'CreateQueue'
  | 'DeleteQueue'
  | 'GetQueueAttributes'
  | 'SetQueueAttributes'
  | 'ListQueue'
  | MnsMessageAction;
type MnsMessageAction =
  | 'SendMessage'
  | 'ReceiveMessage'
  | 'PeekMessage'
  | 'DeleteMessage'
  | 'ChangeMessageVisibility';

const MESSAGE_ACTIONS: ReadonlySet<MnsAction> = new Set<MnsMessageAction>([
  'SendMessage',
  'ReceiveMessage',
  'PeekMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
]);

/** A call of the queue API, for the gate. */
export interface MnsRequest {
  readonly action: MnsAction;
  readonly principal: Principal;
  /** `null` for ListQueue only. */
  readonly queueName: string | null;
  /** Whether it is the batch form; see the switch `mnsBatchAction`. */
  readonly isBatch?: boolean;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What the gate judges and records: the action, and the queue or its messages as the resource. */
export function mnsCall(
  { region, identities, switches }: Pick<Foundation, 'region' | 'identities' | 'switches'>,
  { action, principal, queueName, isBatch = false, parameters = {} }: MnsRequest,
): ApiCall {
  const queues = `acs:mns:${region}:${identities.accountId}:/queues`;
  const queue = queueName === null ? queues : `${queues}/${queueName}`;
  return {
    product: 'mns',
    action: isBatch && switches.mnsBatchAction === 'own-action' ? `Batch${action}` : action,
    principal,
    subject: queueName,
    resources: [MESSAGE_ACTIONS.has(action) ? `${queue}/messages` : queue],
    parameters,
  };
}
