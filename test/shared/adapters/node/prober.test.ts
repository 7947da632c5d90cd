import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createProber } from '../../../../shared/adapters/node/prober.ts';
import type { Probe } from '../../../../shared/readiness/model.ts';

const HOST = '127.0.0.1';
const tcp: Probe = { kind: 'tcp', timeoutMs: 300 };
const http: Probe = { kind: 'http', path: '/ready?deep=1', statusMin: 200, statusMax: 299, timeoutMs: 300 };

const sockets = new Set<Socket>();
const servers: Array<Server> = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    // Read on, or the end of the connection goes unnoticed.
    socket.resume();
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
const rawServer = (onConnection: (socket: Socket) => void) => listen(createServer(onConnection));
const httpServer = (onRequest: RequestListener) => listen(createHttpServer(onRequest));

const prober = createProber({ allowLoopback: true });
async function timed(port: number, probe: Probe) {
  const startedAtMs = performance.now();
  const result = await prober.probe(HOST, port, probe);
  return { result, tookMs: performance.now() - startedAtMs };
}
const ready = { isReady: true, reason: null };
const notReady = (reason: string) => ({ isReady: false, reason });

describe('a TCP probe', () => {
  it('is content with a connection, says nothing on it and lets it go', async () => {
    let heard = '';
    const port = await rawServer((socket) => socket.on('data', (chunk) => (heard += chunk)));

    const result = await prober.probe(HOST, port, tcp);
    await expect.poll(() => sockets.size).toBe(0);

    expect(result).toEqual(ready);
    expect(heard).toBe('');
  });

  it('says that nobody listens', async () => {
    const port = await rawServer(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));

    expect(await prober.probe(HOST, port, tcp)).toEqual(notReady('connection refused'));
  });

  it('gives up when nobody takes the connection before its time is over', async () => {
    const { port, worker } = await deafServer();
    const waiting = Array.from({ length: 4 }, () => connect({ host: HOST, port }));

    const { result, tookMs } = await timed(port, tcp);
    for (const socket of waiting) socket.destroy();
    await worker.terminate();

    expect(result).toEqual(notReady('no answer within 300ms'));
    expect(tookMs).toBeLessThan(600);
  });
});

describe('an HTTP probe', () => {
  it('asks once for exactly the path, by the address, on a connection that ends', async () => {
    const seen: Array<object> = [];
    const port = await httpServer((request, response) => {
      const { method, url, headers } = request;
      seen.push({ method, url, host: headers.host, connection: headers.connection });
      response.end('fine');
    });

    const result = await prober.probe(HOST, port, http);
    await expect.poll(() => sockets.size).toBe(0);

    expect(result).toEqual(ready);
    expect(seen).toEqual([{ method: 'GET', url: '/ready?deep=1', host: HOST, connection: 'close' }]);
  });

  it.each([
    [199, 'status 199'],
    [200, null],
    [299, null],
    [300, 'status 300'],
    [404, 'status 404'],
    [503, 'status 503'],
  ])('judges status %i by the limits', async (status, reason) => {
    const port = await rawServer((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 ${status} x\r\ncontent-length: 0\r\n\r\n`)),
    );

    const { result } = await timed(port, http);

    // A status below 200 announces another answer, which never comes here.
    if (status < 200) expect(result.isReady).toBe(false);
    else expect(result).toEqual({ isReady: reason === null, reason });
  });

  it('takes a redirect for an answer and does not follow it', async () => {
    let followed = 0;
    const elsewhere = await httpServer((_, response) => {
      followed++;
      response.end();
    });
    const port = await httpServer((_, response) => {
      response.writeHead(302, { location: `http://${HOST}:${elsewhere}/` }).end();
    });

    expect(await prober.probe(HOST, port, http)).toEqual(notReady('status 302'));
    expect(followed).toBe(0);
  });

  it('does not wait for a body that never ends', async () => {
    let sent = 0;
    const port = await httpServer((_, response) => {
      const chunk = Buffer.alloc(65_536);
      const pour = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', pour);
      pour();
    });

    const { result, tookMs } = await timed(port, http);
    await expect.poll(() => sockets.size).toBe(0);

    expect(result).toEqual(ready);
    expect(tookMs).toBeLessThan(300);
    expect(sent).toBeLessThan(32 * 1_048_576);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    ['sends its head byte by byte', (socket) => trickle(socket, 'HTTP/1.1 200 OK\r\nx: ')],
    [
      'announces an answer again and again',
      (socket) => trickle(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n', true),
    ],
  ])('ends in time when the server %s', async (_, behave) => {
    const port = await rawServer(behave);

    const { result, tookMs } = await timed(port, http);

    expect(result).toEqual(notReady('no answer within 300ms'));
    expect(tookMs).toBeLessThan(600);
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('names whole seconds as such', async () => {
    const port = await rawServer(() => {});

    expect(await prober.probe(HOST, port, { ...http, timeoutMs: 1_000 })).toEqual(
      notReady('no answer within 1s'),
    );
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['speaks something else', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'its answer is not HTTP'],
    [
      'sends bytes at random',
      (socket) => socket.write(Buffer.from([0, 255, 3, 7, 10])),
      'its answer is not HTTP',
    ],
    [
      'sends headers without end',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
      'more than 16384 bytes of headers',
    ],
    ['hangs up', (socket) => socket.end(), 'the connection was cut before an answer'],
    ['resets', (socket) => socket.resetAndDestroy(), 'the connection was cut before an answer'],
    ['changes the protocol', (socket) => socket.write(SWITCHING), 'status 101'],
  ])('says so when the server %s', async (_, behave, reason) => {
    const port = await rawServer((socket) => socket.once('data', () => behave(socket)));

    expect(await prober.probe(HOST, port, http)).toEqual(notReady(reason));
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('says what is wrong with a path that cannot be sent', async () => {
    const result = await prober.probe(HOST, 80, { ...http, path: '/a b\r\nx-evil: 1' });

    expect(result.isReady).toBe(false);
    expect(result.reason).toMatch(/unescaped/);
  });
});

describe('addresses', () => {
  it.each([
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '192.169.0.1',
    '100.128.0.1',
    '100.100.100.200',
    '100.100.2.136',
    '169.254.169.254',
    '0.0.0.0',
    '127.0.0.1',
    '::1',
    '::ffff:10.0.0.1',
    'localhost',
    'metadata.internal',
    '10.0.0.1:80',
    '10.0.0.01',
    '0x0a000001',
    '167772161',
    '',
  ])('that are not private ones of IPv4, like %j, are refused without a packet', async (address) => {
    let connections = 0;
    const port = await rawServer(() => connections++);

    const result = await createProber().probe(address, port, tcp);
    // A connection that was begun would have arrived before this one has.
    await prober.probe(HOST, port, tcp);
    await expect.poll(() => connections).toBeGreaterThan(0);

    expect(result).toEqual(notReady(`${address} is no private IPv4 address`));
    expect(connections).toBe(1);
  });

  it('of loopback are probed when that is allowed, and nothing else beyond the private ones', async () => {
    const port = await rawServer(() => {});

    expect(await prober.probe(HOST, port, tcp)).toEqual(ready);
    expect((await prober.probe('8.8.8.8', port, tcp)).reason).toBe('8.8.8.8 is no private IPv4 address');
  });
});

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';

/** A server that stands still after it has begun to listen: once its backlog is full, connections stay unanswered. */
async function deafServer(): Promise<{ port: number; worker: Worker }> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '${HOST}', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
    });`;
  const worker = new Worker(source, { eval: true });
  const [port] = await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, 60));
  return { port, worker };
}

/** Sends the text and then a byte now and then, or the text again and again. */
function trickle(socket: Socket, text: string, isRepeated = false): void {
  socket.write(text);
  const timer = setInterval(() => socket.write(isRepeated ? text : 'y'), 20);
  socket.on('close', () => clearInterval(timer));
}
