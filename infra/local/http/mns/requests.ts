import { z } from 'zod';
import { CloudError } from '../../world/errors.ts';
import type { DlqPolicy, QueueAttributes } from '../../world/mns/attributes.ts';
import { invalidArgument } from '../../world/mns/errors.ts';
import type { OutgoingMessage } from '../../world/mns/message.ts';
import { parseXml } from './xml.ts';

const wholeNumber = z
  .string()
  .trim()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);
const flag = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.enum(['true', 'false']))
  .transform((value) => value === 'true');
// Several elements of one name arrive as an array, one as itself, none as nothing.
const several = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(item));
// An element without children arrives as empty text.
const element = <T extends z.ZodType>(content: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? {} : value), content);

const MessageSchema = z.object({
  MessageBody: z.string(),
  DelaySeconds: wholeNumber.optional(),
  Priority: wholeNumber.optional(),
});
const SendSchema = z.object({
  Message: element(MessageSchema).optional(),
  Messages: element(z.object({ Message: several(element(MessageSchema)) })).optional(),
});
const HandlesSchema = z.object({
  ReceiptHandles: element(z.object({ ReceiptHandle: several(z.string().trim()) })),
});
const QueueSchema = z.object({
  Queue: element(
    z.object({
      DelaySeconds: wholeNumber.optional(),
      MaximumMessageSize: wholeNumber.optional(),
      MessageRetentionPeriod: wholeNumber.optional(),
      VisibilityTimeout: wholeNumber.optional(),
      PollingWaitSeconds: wholeNumber.optional(),
      LoggingEnabled: flag.optional(),
      DlqPolicy: element(
        z.object({
          Enabled: flag.default(true),
          DeadLetterTargetQueue: z.string().trim().default(''),
          MaxReceiveCount: wholeNumber.default(16),
        }),
      ).optional(),
    }),
  ),
});

/** The body of a send: one message, or a batch of them. */
export function readSend(body: string): { isBatch: boolean; messages: Array<OutgoingMessage> } {
  const { Message, Messages } = read(SendSchema, body);
  if (Messages !== undefined) return { isBatch: true, messages: Messages.Message.map(toOutgoing) };
  if (Message === undefined) throw invalidXml('Message');
  return { isBatch: false, messages: [toOutgoing(Message)] };
}

/** The body of a batch delete. */
export function readReceiptHandles(body: string): Array<string> {
  return read(HandlesSchema, body).ReceiptHandles.ReceiptHandle;
}

/** The attributes in the body of CreateQueue or SetQueueAttributes; an empty body sets none. */
export function readQueueAttributes(body: string, acceptsDlqPolicy: boolean): Partial<QueueAttributes> {
  if (body.trim() === '') return {};
  const { DlqPolicy, ...rest } = read(QueueSchema, body).Queue;
  const given: { -readonly [K in keyof QueueAttributes]?: QueueAttributes[K] | undefined } = rest;
  if (DlqPolicy !== undefined && acceptsDlqPolicy) given.DlqPolicy = DlqPolicy satisfies DlqPolicy;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A number from the query or a header; `null` when it is not there. Throws `InvalidQueryString` (400). */
export function readNumber(name: string, value: string | undefined): number | null {
  if (value === undefined || value === '') return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new CloudError(
    400,
    'InvalidQueryString',
    `Http request URL contains invalid querystring item "${name}".`,
  );
}

function read<T>(schema: z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(parseXml(body));
  if (parsed.success) return parsed.data;
  throw invalidXml(parsed.error.issues[0]?.path.join('.') || 'the root element');
}

function invalidXml(cause: string): CloudError {
  return invalidArgument(
    `The XML you provided did not validate against our published schema, cause by ${cause}.`,
  );
}

function toOutgoing(message: z.infer<typeof MessageSchema>): OutgoingMessage {
  return {
    body: message.MessageBody,
    ...(message.DelaySeconds === undefined ? {} : { delaySeconds: message.DelaySeconds }),
    ...(message.Priority === undefined ? {} : { priority: message.Priority }),
  };
}
