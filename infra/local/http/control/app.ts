import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import type { Ecs } from '../../world/ecs/ecs.ts';
import { ecsRefusals } from '../../world/ecs/refusals.ts';
import { CloudError, ConnectionLost } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import { readBody } from '../body.ts';
import { cutConnection, type LocalEnv } from '../connection.ts';
import { ApplicationSchema, EndSystemEventSchema, NothingSchema, SystemEventSchema } from './bodies.ts';
import { carriesToken, controlTokenOf } from './token.ts';

type Env = LocalEnv & { Variables: { body: string } };

/** Far more than any body that means something. */
const BODY_BYTES_MAX = 16 * 1_024;

/**
 * Makes the world do what clouds do by themselves and not by order of a caller, as JSON over HTTP: `POST /instances/{id}/interrupt`,
 * `POST /instances/{id}/application`, `POST /system-events`, `POST /system-events/{id}/cancel` and `/avoid`. Refusals are `{"code", "message"}`.
 */
export function createControlApp(foundation: Foundation, ecs: Ecs): Hono<Env> {
  const token = controlTokenOf(foundation.identities.administrator);
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    // Read in any case, or a client that is still sending would not get to read the answer.
    const body = await readBody(c.env.incoming, BODY_BYTES_MAX, bodyTooLarge);
    if (!carriesToken(c.req.header('authorization'), token)) throw unauthorized();
    c.set('body', body.toString('utf8'));
    await next();
  });
  app.post('/instances/:id/interrupt', (c) => {
    readJson(c.get('body'), NothingSchema);
    const { releaseAtMs } = ecs.interrupt(c.req.param('id'));
    return c.json({ instanceId: c.req.param('id'), releaseAt: new Date(releaseAtMs).toISOString() });
  });
  app.post('/instances/:id/application', (c) => {
    const instanceId = c.req.param('id');
    const { application, port } = readJson(c.get('body'), ApplicationSchema);
    if (ecs.find(instanceId)?.instanceId !== instanceId) throw ecsRefusals.instanceNotFound();
    ecs.applications.set({ instanceId, port }, application);
    return c.json({ instanceId, kind: application.kind, ...(port === undefined ? {} : { port }) });
  });
  app.post('/system-events', (c) => {
    const { instanceId, eventType, notBeforeMs, inquiring, failing } = readJson(
      c.get('body'),
      SystemEventSchema,
    );
    const eventId = ecs.scheduleSystemEvent({
      instanceId,
      eventType,
      notBeforeMs,
      isInquiring: inquiring,
      isFailing: failing,
    });
    return c.json({ eventId, instanceId, eventType }, 201);
  });
  for (const [verb, status, end] of [
    ['cancel', 'Canceled', ecs.cancelSystemEvent],
    ['avoid', 'Avoided', ecs.avoidSystemEvent],
  ] as const) {
    app.post(`/system-events/:id/${verb}`, (c) => {
      const eventId = c.req.param('id');
      const { instanceId } = readJson(c.get('body'), EndSystemEventSchema);
      requireOwner(ecs, eventId, instanceId);
      end(eventId);
      return c.json({ eventId, status });
    });
  }
  app.notFound((c) =>
    c.json({ code: 'NotFound', message: `There is no ${c.req.method} ${c.req.path}.` }, 404),
  );
  app.onError((error, c) => {
    if (error instanceof ConnectionLost) return cutConnection(c);
    const { status, code, message, headers } = asCloudError(error);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    return c.json({ code, message }, status as ContentfulStatusCode);
  });
  return app;
}

/** The body by its schema; none at all counts as `{}`. Throws `InvalidBody` (400) that says what is wrong. */
function readJson<Body>(text: string, schema: z.ZodType<Body>): Body {
  let json: unknown;
  try {
    json = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw invalidBody('The body is not JSON.');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw invalidBody(faults.join('; '));
}

/** An event of another instance than the one that was named is a mix-up. */
function requireOwner(ecs: Ecs, eventId: string, instanceId: string | undefined): void {
  const event = ecs.systemEvents().find((open) => open.eventId === eventId);
  if (instanceId !== undefined && event?.instanceId !== instanceId) throw ecsRefusals.eventNotFound();
}

function asCloudError(error: unknown): CloudError {
  if (error instanceof CloudError) return error;
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return new CloudError(500, 'InternalError', 'An internal error has occurred.');
}

function invalidBody(message: string): CloudError {
  return new CloudError(400, 'InvalidBody', message);
}

function bodyTooLarge(): CloudError {
  return new CloudError(413, 'BodyTooLarge', `A body has at most ${BODY_BYTES_MAX} bytes.`);
}

function unauthorized(): CloudError {
  const message = 'The token is missing or wrong: it is the controlToken of the running clouds.';
  return new CloudError(401, 'Unauthorized', message, { 'www-authenticate': 'Bearer' });
}
