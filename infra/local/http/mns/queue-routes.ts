import { Hono } from 'hono';
import type { Foundation } from '../../world/foundation.ts';
import type { Mns } from '../../world/mns/mns.ts';
import type { QueueDescription } from '../../world/mns/queue.ts';
import { answerEmpty, answerXml, hostOf, type MnsEnv, perform } from './exchange.ts';
import { readNumber, readQueueAttributes } from './requests.ts';
import type { XmlContent } from './xml.ts';

const QUEUES_PER_PAGE_MAX = 1_000;

/** `/queues` and `/queues/{name}`: create, read, change, delete and list queues. */
export function queueRoutes(foundation: Foundation, mns: Mns): Hono<MnsEnv> {
  const { mnsDlqPolicyInXml } = foundation.switches;
  const attributesOf = (queue: QueueDescription) => describe(queue, mnsDlqPolicyInXml);
  const app = new Hono<MnsEnv>();

  app.get('/queues', async (c) => {
    const prefix = c.req.header('x-mns-prefix') ?? '';
    const marker = c.req.header('x-mns-marker') ?? '';
    const limit = readNumber('x-mns-ret-number', c.req.header('x-mns-ret-number')) ?? QUEUES_PER_PAGE_MAX;
    const withMeta = c.req.header('x-mns-with-meta')?.toLowerCase() === 'true';
    const page = await perform(
      foundation,
      c,
      { action: 'ListQueue', queueName: null, parameters: { prefix, marker, limit } },
      () => mns.listQueues({ prefix, marker, limit }),
    );
    return answerXml(c, 200, 'Queues', {
      Queue: page.queues.map((queue) => ({
        QueueURL: `${hostOf(c)}/queues/${queue.name}`,
        ...(withMeta ? attributesOf(queue) : {}),
      })),
      ...(page.nextMarker === null ? {} : { NextMarker: page.nextMarker }),
    });
  });

  app.put('/queues/:queue', async (c) => {
    const queueName = c.req.param('queue');
    const attributes = readQueueAttributes(c.get('body'), mnsDlqPolicyInXml);
    if (c.req.query('metaoverride') === 'true') {
      await perform(foundation, c, { action: 'SetQueueAttributes', queueName, parameters: attributes }, () =>
        mns.setQueueAttributes(queueName, attributes),
      );
      return answerEmpty(c, 204);
    }
    const outcome = await perform(
      foundation,
      c,
      { action: 'CreateQueue', queueName, parameters: attributes },
      () => mns.createQueue(queueName, attributes),
    );
    c.header('location', `${hostOf(c)}/queues/${queueName}`);
    return answerEmpty(c, outcome === 'created' ? 201 : 204);
  });

  app.get('/queues/:queue', async (c) => {
    const queueName = c.req.param('queue');
    const queue = await perform(foundation, c, { action: 'GetQueueAttributes', queueName }, () =>
      mns.getQueueAttributes(queueName),
    );
    return answerXml(c, 200, 'Queue', attributesOf(queue));
  });

  app.delete('/queues/:queue', async (c) => {
    const queueName = c.req.param('queue');
    await perform(foundation, c, { action: 'DeleteQueue', queueName }, () => mns.deleteQueue(queueName));
    return answerEmpty(c, 204);
  });

  return app;
}

/** Times of queues are in seconds, unlike those of messages. */
function describe(queue: QueueDescription, showsDlqPolicy: boolean): { readonly [name: string]: XmlContent } {
  const { attributes } = queue;
  const policy = showsDlqPolicy ? attributes.DlqPolicy : null;
  return {
    QueueName: queue.name,
    CreateTime: Math.floor(queue.createdAtMs / 1_000),
    LastModifyTime: Math.floor(queue.modifiedAtMs / 1_000),
    DelaySeconds: attributes.DelaySeconds,
    MaximumMessageSize: attributes.MaximumMessageSize,
    MessageRetentionPeriod: attributes.MessageRetentionPeriod,
    VisibilityTimeout: attributes.VisibilityTimeout,
    PollingWaitSeconds: attributes.PollingWaitSeconds,
    ActiveMessages: queue.activeMessages,
    InactiveMessages: queue.inactiveMessages,
    DelayMessages: queue.delayMessages,
    LoggingEnabled: attributes.LoggingEnabled ? 'True' : 'False',
    ...(policy === null
      ? {}
      : {
          DlqPolicy: {
            Enabled: String(policy.Enabled),
            DeadLetterTargetQueue: policy.DeadLetterTargetQueue,
            MaxReceiveCount: policy.MaxReceiveCount,
          },
        }),
  };
}
