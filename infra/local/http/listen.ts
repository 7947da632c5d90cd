import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { LocalEnv } from './connection.ts';

/** A server that is listening. */
export interface Listening {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Ends open connections too; resolves when the port is free. */
  close(): Promise<void>;
}

/** Serves `app` on loopback; port 0 takes any free one. Rejects when the port is taken. */
export function listen(app: Pick<Hono<LocalEnv>, 'fetch'>, port = 0): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (info: AddressInfo) => {
      resolve({
        port: info.port,
        endpoint: `http://127.0.0.1:${info.port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', reject);
    if ('keepAliveTimeout' in server) server.keepAliveTimeout = 60_000;
  });
}
