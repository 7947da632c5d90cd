import type { Probe, ProbeResult } from './model.ts';

/** Asks a server itself whether it serves. */
export interface Prober {
  /**
   * Probes the port of a private IPv4 address, which the caller has from ECS for an instance of its own binding. Never
   * throws for what the server does, or does not do, within the probe's time limit: that is a result.
   */
  probe(privateIp: string, port: number, probe: Probe): Promise<ProbeResult>;
}
