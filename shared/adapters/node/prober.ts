import { get as httpGet } from 'node:http';
import { BlockList, connect, isIPv4 } from 'node:net';
import type { Probe, ProbeResult } from '../../readiness/model.ts';
import type { Prober } from '../../readiness/ports.ts';
import { DeadlineError, withDeadline } from './deadline.ts';

/** What a prober may do beyond asking private addresses. */
export interface ProberOptions {
  /** Whether `127.0.0.0/8` may be probed, for clouds that run on this machine. Default: no. */
  readonly allowLoopback?: boolean;
}

/** The networks that a VPC can be made of. Nothing else is probed, so that no setting turns a function on others. */
const PRIVATE = networks([
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
]);
/** Within them the cloud's own services answer, the one that hands out credentials (100.100.100.200) among them. */
const CLOUD_SERVICES = networks([['100.100.0.0', 16]]);
const LOOPBACK = networks([['127.0.0.0', 8]]);

/** An answer's head is read up to this; of its body nothing. */
const HEAD_BYTES_MAX = 16_384;

/**
 * Probes over the function's own network: a TCP connection, or one `GET` over HTTP/1.1, to exactly the address and port
 * that are named. The time limit covers all of it, and the connection is destroyed at its end.
 */
export function createProber({ allowLoopback = false }: ProberOptions = {}): Prober {
  const mayBeProbed = (address: string) =>
    isIPv4(address) &&
    ((PRIVATE.check(address) && !CLOUD_SERVICES.check(address)) ||
      (allowLoopback && LOOPBACK.check(address)));
  return {
    async probe(privateIp, port, probe): Promise<ProbeResult> {
      if (!mayBeProbed(privateIp)) return notReady(`${privateIp} is no private IPv4 address`);
      let attempt: Attempt | null = null;
      try {
        attempt = probe.kind === 'tcp' ? openConnection(privateIp, port) : askHttp(privateIp, port, probe);
        const reason = await withDeadline(attempt.reason, probe.timeoutMs, 'the server');
        return reason === null ? { isReady: true, reason } : notReady(reason);
      } catch (error) {
        return notReady(
          error instanceof DeadlineError ? `no answer within ${duration(probe.timeoutMs)}` : reasonOf(error),
        );
      } finally {
        attempt?.end();
      }
    },
  };
}

/** A probe on its way: why the server is not ready (`null` = it is), and how to drop everything. */
interface Attempt {
  readonly reason: Promise<string | null>;
  end(): void;
}

function openConnection(host: string, port: number): Attempt {
  const socket = connect({ host, port, family: 4 });
  const reason = new Promise<string | null>((resolve, reject) => {
    socket.once('connect', () => resolve(null));
    // Stays: what a socket says after its end must not end the process.
    socket.on('error', reject);
  });
  return { reason, end: () => void socket.destroy() };
}

function askHttp(host: string, port: number, probe: Extract<Probe, { kind: 'http' }>): Attempt {
  const request = httpGet({
    host,
    port,
    family: 4,
    path: probe.path,
    // A connection of its own that serves one request.
    agent: false,
    headers: { host, connection: 'close', 'user-agent': 'slb-autopilot' },
    maxHeaderSize: HEAD_BYTES_MAX,
  });
  const reason = new Promise<string | null>((resolve, reject) => {
    const judge = ({ statusCode = 0 }) => {
      const isReady = statusCode >= probe.statusMin && statusCode <= probe.statusMax;
      resolve(isReady ? null : `status ${statusCode}`);
    };
    request.once('response', judge);
    // Status 101 comes as this, with a socket that is no longer the request's.
    request.once('upgrade', (response, socket) => {
      socket.destroy();
      judge(response);
    });
    request.on('error', reject);
  });
  return { reason, end: () => void request.destroy() };
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut before an answer',
  EPIPE: 'the connection was cut before an answer',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ETIMEDOUT: 'no answer',
  HPE_HEADER_OVERFLOW: `more than ${HEAD_BYTES_MAX} bytes of headers`,
};

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && code in REASONS) return REASONS[code] ?? code;
  if (typeof code === 'string' && code.startsWith('HPE_')) return 'its answer is not HTTP';
  return error instanceof Error ? error.message : String(error);
}

function notReady(reason: string): ProbeResult {
  return { isReady: false, reason };
}

function duration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

function networks(subnets: ReadonlyArray<readonly [string, number]>): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, 'ipv4');
  return list;
}
