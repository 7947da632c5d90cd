import { Hono } from 'hono';
import { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import { messageNotExist } from '../../world/mns/errors.ts';
import type { BatchFailure, PeekedMessage, ReceivedMessage, SentMessage } from '../../world/mns/message.ts';
import type { Mns } from '../../world/mns/mns.ts';
import { answerEmpty, answerXml, type MnsContext, type MnsEnv, perform } from './exchange.ts';
import { readNumber, readReceiptHandles, readSend } from './requests.ts';
import type { XmlContent } from './xml.ts';

const PATH = '/queues/:queue/messages';

/** `/queues/{name}/messages`: send, receive, peek, delete and hide messages, one or up to 16 at a time. */
export function messageRoutes(foundation: Foundation, mns: Mns): Hono<MnsEnv> {
  const app = new Hono<MnsEnv>();

  app.post(PATH, async (c) => {
    const queueName = c.req.param('queue');
    const { isBatch, messages } = readSend(c.get('body'));
    const request = {
      action: 'SendMessage',
      queueName,
      isBatch,
      parameters: { count: messages.length },
    } as const;
    const [message] = messages;
    if (!isBatch && message !== undefined) {
      const sent = await perform(foundation, c, request, () => mns.sendMessage(queueName, message));
      return answerXml(c, 201, 'Message', describeSent(sent));
    }
    const results = await perform(foundation, c, request, () => mns.sendMessages(queueName, messages));
    const failed = results.some((result) => 'errorCode' in result);
    return answerXml(c, failed ? 400 : 201, 'Messages', {
      Message: results.map((result) =>
        'errorCode' in result ? describeFailure(result) : describeSent(result),
      ),
    });
  });

  app.get(PATH, async (c) => {
    const queueName = c.req.param('queue');
    const numOfMessages = readNumber('numOfMessages', c.req.query('numOfMessages'));
    const waitSeconds = readNumber('waitseconds', c.req.query('waitseconds'));
    const isPeek = c.req.query('peekonly')?.toLowerCase() === 'true';
    const count = numOfMessages ?? 1;
    const messages = await perform(
      foundation,
      c,
      {
        action: isPeek ? 'PeekMessage' : 'ReceiveMessage',
        queueName,
        isBatch: numOfMessages !== null,
        parameters: { count, waitSeconds },
      },
      async () => {
        const found = isPeek
          ? mns.peekMessages(queueName, count)
          : await mns.receiveMessages(queueName, {
              count,
              ...(waitSeconds === null ? {} : { waitSeconds }),
              // A client that hangs up while it waits must not be handed a message.
              signal: c.req.raw.signal,
            });
        if (found.length === 0) throw messageNotExist();
        return found;
      },
    );
    const [first] = messages;
    if (numOfMessages === null && first !== undefined)
      return answerXml(c, 200, 'Message', describeMessage(first));
    return answerXml(c, 200, 'Messages', { Message: messages.map(describeMessage) });
  });

  app.delete(PATH, async (c) => {
    const queueName = c.req.param('queue');
    const receiptHandle = eitherCase(c, 'ReceiptHandle');
    if (receiptHandle !== null) {
      await perform(foundation, c, { action: 'DeleteMessage', queueName, parameters: { count: 1 } }, () =>
        mns.deleteMessage(queueName, receiptHandle),
      );
      return answerEmpty(c, 204);
    }
    if (c.get('body').trim() === '') throw missing('ReceiptHandle');
    const handles = readReceiptHandles(c.get('body'));
    const results = await perform(
      foundation,
      c,
      { action: 'DeleteMessage', queueName, isBatch: true, parameters: { count: handles.length } },
      () => mns.deleteMessages(queueName, handles),
    );
    const errors = results.flatMap((failure, index) =>
      failure === null ? [] : [{ ...describeFailure(failure), ReceiptHandle: handles[index] ?? '' }],
    );
    return errors.length === 0 ? answerEmpty(c, 204) : answerXml(c, 404, 'Errors', { Error: errors });
  });

  app.put(PATH, async (c) => {
    const queueName = c.req.param('queue');
    const receiptHandle = eitherCase(c, 'ReceiptHandle');
    if (receiptHandle === null) throw missing('ReceiptHandle');
    const visibilityTimeout = readNumber(
      'VisibilityTimeout',
      eitherCase(c, 'VisibilityTimeout') ?? undefined,
    );
    if (visibilityTimeout === null) throw missing('VisibilityTimeout');
    const changed = await perform(
      foundation,
      c,
      { action: 'ChangeMessageVisibility', queueName, parameters: { visibilityTimeout } },
      () => mns.changeMessageVisibility(queueName, receiptHandle, visibilityTimeout),
    );
    return answerXml(c, 200, 'ChangeVisibility', {
      ReceiptHandle: changed.receiptHandle,
      NextVisibleTime: changed.nextVisibleAtMs,
    });
  });

  return app;
}

/** The pages write `ReceiptHandle`, one client sends `receiptHandle`; `null` when neither is there. */
function eitherCase(c: MnsContext, name: string): string | null {
  return c.req.query(name) ?? c.req.query(`${name.charAt(0).toLowerCase()}${name.slice(1)}`) ?? null;
}

function missing(name: 'ReceiptHandle' | 'VisibilityTimeout'): CloudError {
  return new CloudError(400, `Missing${name}`, `${name} is required.`);
}

function describeSent(sent: SentMessage): { readonly [name: string]: XmlContent } {
  return {
    MessageId: sent.messageId,
    MessageBodyMD5: sent.messageBodyMd5,
    ...(sent.receiptHandle === null ? {} : { ReceiptHandle: sent.receiptHandle }),
  };
}

function describeFailure(failure: BatchFailure): { readonly [name: string]: XmlContent } {
  return { ErrorCode: failure.errorCode, ErrorMessage: failure.errorMessage };
}

function describeMessage(message: PeekedMessage | ReceivedMessage): { readonly [name: string]: XmlContent } {
  return {
    MessageId: message.messageId,
    ...('receiptHandle' in message ? { ReceiptHandle: message.receiptHandle } : {}),
    MessageBody: message.body,
    MessageBodyMD5: message.messageBodyMd5,
    EnqueueTime: message.enqueuedAtMs,
    ...('nextVisibleAtMs' in message ? { NextVisibleTime: message.nextVisibleAtMs } : {}),
    FirstDequeueTime: message.firstDequeuedAtMs ?? 0,
    DequeueCount: message.dequeueCount,
    Priority: message.priority,
  };
}
