import { describe, expect, it } from 'vitest';
import { replaceableAccessKey } from '../../../shared/access-key.ts';
import { RejectedError } from '../../../shared/errors.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import type { FcContext } from '../../../shared/middleware/context.ts';
import { createPipeline } from '../../../shared/middleware/pipeline.ts';

const SECRET = 'secret-of-the-role-0123456789';

function pipelineOf(handle: (events: ReadonlyArray<InboundEvent>) => Promise<object>) {
  const lines: Array<{ level: string; fields: Record<string, unknown>; message: string }> = [];
  const log = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  let nowMs = 1_000;
  const accessKey = replaceableAccessKey();
  const handler = createPipeline({
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    clock: { nowMs: () => (nowMs += 7) },
    replaceAccessKey: accessKey.replace,
    handle,
  });
  return { handler, lines, accessKey };
}
const context = (credentials?: FcContext['credentials']): FcContext => ({
  requestId: 'r-1',
  ...(credentials === undefined ? {} : { credentials }),
});
const tick = Buffer.from('{"triggerTime":"2026-04-09T04:18:26Z","triggerName":"tick"}');

describe('the pipeline of a function', () => {
  it('hands over the events of the bytes and gives back what became of them, with one log line', async () => {
    const { handler, lines } = pipelineOf(async (events) => ({ seen: events }));

    expect(await handler(tick, context())).toEqual({
      seen: [{ kind: 'tick', triggeredAtMs: 1_775_708_306_000 }],
    });
    expect(lines).toEqual([
      {
        level: 'info',
        fields: {
          requestId: 'r-1',
          durationMs: 7,
          outcome: { seen: [{ kind: 'tick', triggeredAtMs: 1_775_708_306_000 }] },
        },
        message: 'invocation ended',
      },
    ]);
  });

  it.each([
    ['bytes that are nothing', Buffer.alloc(0)],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
    ['what is no bytes at all', undefined as unknown as Buffer],
  ])('makes an event of %s instead of failing', async (_, bytes) => {
    const { handler } = pipelineOf(async (events) => ({ kinds: events.map(({ kind }) => kind) }));

    expect(await handler(bytes, context())).toEqual({ kinds: ['not-understood'] });
  });

  it('fails as its work does, so that the batch comes again, and says so once', async () => {
    const { handler, lines } = pipelineOf(async () => {
      throw new RejectedError('no permission', {
        api: 'GetRow',
        code: 'OTSNoPermissionAccess',
        requestId: 'q',
      });
    });

    await expect(handler(tick, context())).rejects.toThrow('no permission');
    expect(lines).toMatchObject([
      {
        level: 'error',
        fields: { requestId: 'r-1' },
        message: 'invocation failed: no permission (GetRow, OTSNoPermissionAccess, request q)',
      },
    ]);
  });

  it('uses the key of each invocation, never logs it, and keeps the last where none is handed over', async () => {
    const used: Array<unknown> = [];
    const { handler, lines, accessKey } = pipelineOf(async () => {
      used.push(accessKey.current());
      return {};
    });
    const credentials = (n: number) => ({
      accessKeyId: `STS.${n}`,
      accessKeySecret: SECRET,
      securityToken: `token-${n}`,
    });

    await handler(tick, context(credentials(1)));
    await handler(tick, context(credentials(2)));
    await handler(tick, context({ accessKeyId: '', accessKeySecret: '', securityToken: '' }));
    await handler(tick, context({ accessKeyId: 'LTAI', accessKeySecret: SECRET, securityToken: '' }));

    expect(used).toEqual([
      credentials(1),
      credentials(2),
      credentials(2),
      { accessKeyId: 'LTAI', accessKeySecret: SECRET, securityToken: null },
    ]);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });

  it('without any key fails when one is needed, and works once there is one', async () => {
    const { handler, accessKey } = pipelineOf(async () => accessKey.current());

    await expect(handler(tick, context())).rejects.toThrow('no access key');
    const credentials = { accessKeyId: 'STS.1', accessKeySecret: SECRET, securityToken: 't' };
    expect(await handler(tick, context(credentials))).toEqual(credentials);
  });
});
