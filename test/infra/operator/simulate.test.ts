import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runAutopilot, temporaryFolder } from './autopilot.ts';

const TIMEOUT_MS = 120_000;

it(
  'plays days on all processors and reports them as one JSON document, without progress where nobody looks',
  async () => {
    const args = ['simulate', '--seeds', '9', '--seed', '40', '--json'];
    const { status, out, err } = await runAutopilot(args, 'simulate-json');

    expect(err).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual(
      expect.objectContaining({ seeds: 9, firstSeed: 40, violations: [], faults: expect.any(Object) }),
    );
  },
  TIMEOUT_MS,
);

it(
  'prints the same trace of a day each time, and then what came of it',
  async () => {
    const args = ['simulate', '--seed', '41', '--trace'];
    const first = await runAutopilot(args, 'simulate-trace');
    const second = await runAutopilot(args, 'simulate-trace');
    const traceOf = (out: string) => out.split('\n').filter((line) => line.startsWith('+'));

    expect(first.status).toBe(0);
    expect(traceOf(first.out).length).toBeGreaterThan(500);
    expect(traceOf(second.out)).toEqual(traceOf(first.out));
    expect(first.out).toContain('1 days, ');
    expect(first.out).toContain('0 violations');
  },
  TIMEOUT_MS,
);

it(
  'plays on a configuration of the user’s',
  async () => {
    const args = ['simulate', '--seed', '1', '--config', 'autopilot.yaml', '--trace'];
    const { status, out } = await runAutopilot(args, 'simulate-config');

    expect(out).toContain('rsp-bp1fictional000web');
    expect(status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'ends with 2 for a configuration with faults, and for a trace of no day in particular',
  async () => {
    const path = join(temporaryFolder(), 'autopilot.yaml');
    writeFileSync(path, 'version: 2\n');
    const wrong = await runAutopilot(['simulate', '--seeds', '1', '--config', path], 'simulate-wrong');
    const traced = await runAutopilot(['simulate', '--trace'], 'simulate-traced');

    expect([wrong.status, traced.status]).toEqual([2, 2]);
    expect(wrong.err).toContain('version');
  },
  TIMEOUT_MS,
);
