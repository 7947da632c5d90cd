import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalClouds, startLocalClouds } from '../../../../infra/local/clouds.ts';

let clouds: LocalClouds;
beforeAll(async () => {
  clouds = await startLocalClouds();
});
afterAll(() => clouds.close());

const MIB = 1024 * 1024;

/** As most clients of other languages: writes all of the request, and only then looks for an answer. */
async function writeThenRead(endpoint: string, path: string, bodyBytes: number): Promise<string> {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  socket.pause();
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: ${bodyBytes}\r\n\r\n`,
  );
  const piece = Buffer.alloc(64 * 1024, 'a');
  for (let sent = 0; sent < bodyBytes; sent += piece.length) {
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  return text(socket);
}

it.each([
  { product: 'slb', path: '/', bytes: 8 * MIB, status: 413, says: 'RequestEntityTooLarge' },
  { product: 'ecs', path: '/', bytes: 8 * MIB, status: 413, says: 'RequestEntityTooLarge' },
  { product: 'ots', path: '/PutRow', bytes: 8 * MIB, status: 413, says: 'OTSRequestBodyTooLarge' },
  { product: 'mns', path: '/queues/q/messages', bytes: 8 * MIB, status: 400, says: 'InvalidArgument' },
  {
    product: 'fc',
    path: '/2023-03-30/functions/f/invocations',
    bytes: 40 * MIB,
    status: 413,
    says: 'EntityTooLarge',
  },
] as const)('lets the client of $product that reads last see why its body was refused', async (wanted) => {
  const answer = await writeThenRead(clouds.endpoints[wanted.product], wanted.path, wanted.bytes);

  expect(answer.split('\r\n', 1)[0]).toContain(` ${wanted.status} `);
  expect(answer).toContain(wanted.says);
});

it('stops listening to a body without end', async () => {
  await expect(writeThenRead(clouds.endpoints.mns, '/queues/q/messages', 100 * MIB)).rejects.toThrow(
    /EPIPE|ECONNRESET/,
  );
});
