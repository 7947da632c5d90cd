import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseConfig } from '../../../shared/config/load.ts';
import { ConfigFileSchema } from '../../../shared/config/schema.ts';

const textOf = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

/** The example with every setting in use that it only shows: `#join:`, `#  weight: 1` below it, `#  - name: a` of a list. */
function withAllSettings(): string {
  return textOf('autopilot.yaml').replace(/^( *)#(?=( {2,})?(?:- )?[a-z][A-Za-z]*:)/gm, '$1');
}

/** The names of all keys below a schema. */
function keysOf(schema: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (schema instanceof z.ZodObject) {
    for (const [key, value] of Object.entries(schema.shape)) {
      found.add(key);
      keysOf(value, found);
    }
  } else if (schema instanceof z.ZodOptional) keysOf(schema.unwrap(), found);
  else if (schema instanceof z.ZodArray) keysOf(schema.element, found);
  else if (schema instanceof z.ZodUnion) for (const each of schema.options) keysOf(each, found);
  return found;
}

describe('the example at the root', () => {
  it('is right with every setting in use that it only shows, and these show the defaults', () => {
    const asItIs = parseConfig(textOf('autopilot.yaml'), 'autopilot.yaml');
    const inUse = parseConfig(withAllSettings(), 'autopilot.yaml');

    expect(inUse.timing).toEqual(asItIs.timing);
    expect(inUse.limits).toEqual(asItIs.limits);
    expect(inUse.maintenance).toEqual(asItIs.maintenance);
    expect(inUse.assume).toEqual(asItIs.assume);
    expect(inUse.requests).toEqual({
      areSignaturesRequired: true,
      requesters: [expect.objectContaining({ name: 'ci', on: new Set(['web', 'api']) })],
    });
    expect(asItIs.requests).toEqual({ areSignaturesRequired: false, requesters: [] });
    expect(asItIs.pairs).toEqual([]);
    expect(inUse.pairs).toEqual([
      {
        name: 'orders-db',
        loadBalancerId: 'lb-bp1fictional0000data',
        listeners: [{ protocol: 'tcp', port: 3306 }],
        group: {
          primary: { serverId: 'i-bp1fictional00000011', port: 3306, weight: 100 },
          secondary: { serverId: 'i-bp1fictional00000012', port: 3306, weight: 100 },
          tags: [{ key: 'team', value: 'db' }],
          isManaged: false,
          adopt: false,
        },
        standby: {
          selector: { kind: 'tags', tags: { role: 'orders-standby' } },
          port: 3306,
        },
        promoteOn: new Set(['stop', 'maintenance', 'spot-reclaim', 'unhealthy']),
        probe: { probe: { kind: 'tcp', timeoutMs: 2_000 }, everyMs: 5_000 },
        candidate: 'running-for',
        runningForMs: 120_000,
        badForMs: 10_000,
        coolDownMs: 600_000,
        failBackAfterMs: 3_600_000,
        degraded: 'swap',
      },
    ]);
    expect(inUse.bindings[0]).toMatchObject({
      readiness: 'load-balancer',
      probe: { probe: { kind: 'http', path: '/healthz' } },
      join: { ...asItIs.bindings[0]?.join, rampPercents: [10, 50] },
      drain: { timeMs: 60_000, connections: { floor: 0, samples: 3, everyMs: 60_000 } },
    });
  });

  it('shows every key that there is', () => {
    const text = withAllSettings();

    expect([...keysOf(ConfigFileSchema)].filter((key) => !new RegExp(`\\b${key}:`).test(text))).toEqual([]);
  });
});

describe('the page of keys', () => {
  it('has every key that there is', () => {
    const page = textOf('shared/config/README.md');

    expect(
      [...keysOf(ConfigFileSchema)].filter((key) => !new RegExp(`[.\`]${key}[.\`[]`).test(page)),
    ).toEqual([]);
  });
});
