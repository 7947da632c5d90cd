import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { selectorTags } from '../../../shared/config/binding.ts';
import { CONFIG_BYTES_MAX } from '../../../shared/config/config-text.ts';
import { ConfigError, formatFaults } from '../../../shared/config/faults.ts';
import { loadConfig, parseConfig } from '../../../shared/config/load.ts';

const binding = `  - name: web
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { tags: { role: web } }
    ports: [{ port: 80 }]
`;
const head = 'version: 1\nregion: cn-hangzhou\nbindings:\n';

function errorOf(text: string): ConfigError {
  try {
    parseConfig(text, 'autopilot.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

/** The only binding of a file, with one line of it replaced or added. */
function withLine(line: string): string {
  const key = line.slice(0, line.indexOf(':') + 1);
  const lines = binding.split('\n').filter((existing) => !existing.trim().startsWith(key));
  return `${head}${lines.join('\n')}    ${line}\n`;
}

describe('parseConfig, faults', () => {
  it('names every fault at once, each with its path and place, what was found and what is allowed', () => {
    const text = `version: 2
regoin: cn-hangzhou
bindings:
  - name: Web
    loadBalancer: slb-1
    vServerGroup: rsp-1
    selector:
      tags: { role: web }
      scalingGroup: asg-1
    ports:
      - port: 80
        weight: 101
      - port: "443"
      - port: 80
    drain: { time: 25h }
  - name: web
    vServerGroup: rsp-1
    selector: {}
    ports: []
    readiness: healthy
    adopt: maybe
    guards: { minInService: 0 }
  - name: web
    loadBalancer: lb-2
    vServerGroup: rsp-1
    selector: { tags: {} }
    ports: [{ port: 80, weigth: 5 }]
timing:
  lease: 15s
  callTimeout: 10s
`;

    const { faults } = errorOf(text);

    expect(faults.map(({ path, line, column }) => `${line}:${column} ${path}`)).toEqual([
      '1:1 region',
      '1:10 version',
      '2:1 regoin',
      '4:11 bindings[0].name',
      '5:19 bindings[0].loadBalancer',
      '8:7 bindings[0].selector',
      '12:17 bindings[0].ports[0].weight',
      '13:15 bindings[0].ports[1].port',
      '14:15 bindings[0].ports[2].port',
      '15:20 bindings[0].drain.time',
      '16:5 bindings[1].loadBalancer',
      '18:15 bindings[1].selector',
      '19:12 bindings[1].ports',
      '20:16 bindings[1].readiness',
      '21:12 bindings[1].adopt',
      '22:29 bindings[1].guards.minInService',
      '23:11 bindings[2].name',
      '24:19 bindings[2].loadBalancer',
      '26:23 bindings[2].selector.tags',
      '27:21 bindings[2].ports[0].port',
      '27:25 bindings[2].ports[0].weigth',
      '29:10 timing.lease',
    ]);
    for (const { found, allowed } of faults) {
      expect(found).not.toBe('');
      expect(allowed).not.toBe('');
    }
  });

  it('writes one line per fault', () => {
    expect(formatFaults(errorOf(withLine('ports: [{ port: 80, weight: 101 }, { port: 0 }]')))).toBe(
      [
        'autopilot.yaml:8:33: bindings[0].ports[0].weight: found 101, allowed is a whole number from 0 to 100',
        'autopilot.yaml:8:48: bindings[0].ports[1].port: found 0, allowed is a whole number from 1 to 65535',
      ].join('\n'),
    );
  });

  it.each([
    ['port: 1.5', 'ports: [{ port: 1.5 }]', 'bindings[0].ports[0].port', '1.5'],
    ['a port as text', 'ports: [{ port: "80" }]', 'bindings[0].ports[0].port', '"80"'],
    ['a port without number', 'ports: [{ port: }]', 'bindings[0].ports[0].port', 'nothing'],
    [
      '41 ports',
      `ports: [${Array.from({ length: 41 }, (_, n) => `{ port: ${n + 1} }`).join(', ')}]`,
      'bindings[0].ports',
      'a list of 41',
    ],
    ['a weight of -1', 'ports: [{ port: 80, weight: -1 }]', 'bindings[0].ports[0].weight', '-1'],
    ['an empty drain', 'drain:', 'bindings[0].drain', 'nothing'],
    ['a drain time without unit', 'drain: { time: 30 }', 'bindings[0].drain.time', '30'],
    ['a drain time in days', 'drain: { time: 1d }', 'bindings[0].drain.time', '"1d"'],
    ['a tag that is a number', 'selector: { tags: { tier: 1 } }', 'bindings[0].selector.tags.tier', '1'],
    [
      'a tag key of 129 characters',
      `selector: { tags: { ${'k'.repeat(129)}: v } }`,
      `bindings[0].selector.tags.${'k'.repeat(129)}`,
      `the key "${'k'.repeat(57)}…"`,
    ],
    [
      '21 tags',
      `selector: { tags: { ${Array.from({ length: 21 }, (_, n) => `t${n}: v`).join(', ')} } }`,
      'bindings[0].selector.tags',
      '21 tags',
    ],
    [
      'a tag that no map can hold',
      'selector: { tags: { __proto__: web } }',
      'bindings[0].selector.tags',
      'a tag "__proto__"',
    ],
    ['a selector that is a list', 'selector: [role]', 'bindings[0].selector', 'a list of 1'],
    ['a key of the prototype', 'constructor: x', 'bindings[0].constructor', 'an unknown key'],
    ['a merge key', '"<<": { adopt: true }', 'bindings[0]["<<"]', 'an unknown key'],
  ])('refuses %s', (_name, line, path, found) => {
    expect(errorOf(withLine(line)).faults).toMatchObject([{ path, found }]);
  });

  it('shortens what it found', () => {
    expect(errorOf(head + binding.replace('web', 'x'.repeat(100))).faults).toMatchObject([
      { path: 'bindings[0].name', found: `"${'x'.repeat(57)}…"` },
    ]);
  });

  it('does not repeat the value of an unknown key', () => {
    const error = errorOf(`${head}${binding}accessKeySecret: hunter2\n`);

    expect(error.faults).toMatchObject([{ path: 'accessKeySecret', found: 'an unknown key', line: 9 }]);
    expect(formatFaults(error)).not.toContain('hunter2');
  });

  it('names both bindings that claim one port of a group', () => {
    const api = binding.replace('name: web', 'name: api').replace('port: 80', 'port: 81 }, { port: 80');

    expect(errorOf(head + binding + api).faults).toMatchObject([
      {
        path: 'bindings[1].ports[1].port',
        found: 'port 80 of "rsp-1" in "web" (bindings[0]) and again in "api" (bindings[1])',
        line: 13,
      },
    ]);
  });

  it('refuses one group under two load balancers', () => {
    const other = binding.replace('web', 'api').replace('lb-1', 'lb-2').replace('port: 80', 'port: 81');

    expect(errorOf(head + binding + other).faults).toMatchObject([
      {
        path: 'bindings[1].loadBalancer',
        found: '"lb-2" for "rsp-1", which "web" (bindings[0]) has under "lb-1"',
      },
    ]);
  });

  it.each([
    ['lease: 15s', 'timing.lease', 'a lease of 15s with a callTimeout of 10s', '16s'],
    ['callTimeout: 40s', 'timing.callTimeout', 'a lease of 45s with a callTimeout of 40s', '46s'],
  ])('refuses a lease that cannot cover a call (%s)', (line, path, found, least) => {
    const [fault] = errorOf(`${head}${binding}timing:\n  ${line}\n`).faults;

    expect(fault).toMatchObject({ path, found, line: 10 });
    expect(fault?.allowed).toContain(`at least ${least}`);
  });

  it.each([
    ['an empty file', '', ['']],
    ['a list', '- 1', ['']],
    ['no binding', `${head}  []\n`, ['bindings']],
  ])('refuses %s', (_name, text, paths) => {
    expect(errorOf(text).faults.map(({ path }) => path)).toEqual(paths);
  });
});

describe('parseConfig, faults of the YAML', () => {
  it.each([
    ['a broken list', `${head}  - name: [web\n`, 4],
    ['a tab', `version: 1\n\tregion: x\n`, 2],
    ['two documents', `${head}${binding}---\nversion: 1\n`, 9],
  ])('%s', (_name, text, line) => {
    const { faults } = errorOf(text);

    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.line).toBeGreaterThanOrEqual(line);
  });

  it('a key that stands twice, together with the other faults', () => {
    const text = `version: 3\nregion: cn-hangzhou\nregion: cn-beijing\nbindings:\n${binding}`;

    expect(errorOf(text).faults.map(({ path, line }) => [path, line])).toEqual([
      ['version', 1],
      ['', 3],
    ]);
  });

  it('a tag of its own', () => {
    expect(errorOf(`${head}${binding}`.replace('region: cn', 'region: !env cn')).faults).toMatchObject([
      { line: 2 },
    ]);
  });

  it('aliases that blow up, and nesting without end', () => {
    const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
    for (let n = 1; n < 9; n += 1)
      bomb.push(
        `a${n}: &a${n} [${Array(9)
          .fill(`*a${n - 1}`)
          .join(',')}]`,
      );

    expect(errorOf(bomb.join('\n')).faults).toMatchObject([{ found: expect.stringContaining('aliases') }]);
    expect(errorOf('['.repeat(100_000)).faults.length).toBeGreaterThan(0);
  });

  it('a file beyond 1 MB, unparsed', () => {
    expect(errorOf('#'.repeat(CONFIG_BYTES_MAX + 1)).faults).toMatchObject([{ path: '', line: null }]);
  });
});

describe('parseConfig', () => {
  it('fills in the defaults', () => {
    expect(parseConfig(head + binding, 'autopilot.yaml')).toEqual({
      version: 1,
      regionId: 'cn-hangzhou',
      bindings: [
        {
          name: 'web',
          loadBalancerId: 'lb-1',
          vServerGroupId: 'rsp-1',
          group: null,
          declaredBy: null,
          type: 'ecs',
          addresses: 'primary',
          selector: { kind: 'tags', tags: { role: 'web' } },
          ports: [{ port: 80, weight: 100 }],
          readiness: 'running',
          probe: { probe: { kind: 'tcp', timeoutMs: 2_000 }, everyMs: 5_000 },
          join: {
            weight: 1,
            readyWithinMs: 300_000,
            whenNotReady: 'stay',
            rampPercents: [],
            rampEveryMs: 30_000,
          },
          drain: {
            timeMs: 30_000,
            udpTimeMs: 300_000,
            whenNotGuaranteed: 'wait',
            connections: null,
            healthyForMs: 300_000,
          },
          adopt: false,
          guards: { minInService: 1, maxDisruptionPercent: 50, maxUnselectedPercent: 50 },
          drift: {
            policy: 'correct',
            weight: 'restore',
            windows: [],
            ignore: [],
            maxChanges: 100,
            pause: null,
          },
          needsApproval: false,
        },
      ],
      pairs: [],
      timing: {
        leaseMs: 45_000,
        callTimeoutMs: 10_000,
        passBudgetMs: 20_000,
        gatherMs: 2_000,
        settleMs: 3_000,
        compareMs: 300_000,
        contestMs: 600_000,
      },
      limits: { callsPerMinute: 90, reserveForPeople: 12, backendsPerLoadBalancer: 200 },
      maintenance: { drainAheadMs: 900_000 },
      sweep: { inPlace: 8 },
      scaling: {
        policy: { whenNotReady: 'abandon', whenForbidden: 'hold', whenTimeIsUp: 'rollback' },
        groups: [],
      },
      requests: { areSignaturesRequired: false, requesters: [] },
      assume: {
        healthAtWeightZero: 'unknown',
        heartbeatCountsFrom: 'unknown',
        hookEvents: 'ignore',
        loadBalancerWithoutSpec: 'shared',
      },
    });
  });

  it('lets a binding overrule the defaults of the file', () => {
    const defaults = 'defaults: { drain: { time: 2h }, adopt: true, guards: { minInService: 3 } }\n';
    const own = `${binding}    drain: { time: 500ms }\n    adopt: false\n`;
    const config = parseConfig(
      defaults + head + own + binding.replace('web', 'api').replace('port: 80', 'port: 81'),
      'autopilot.yaml',
    );

    expect(config.bindings).toMatchObject([
      { drain: { timeMs: 500 }, adopt: false, guards: { minInService: 3 } },
      { drain: { timeMs: 7_200_000 }, adopt: true, guards: { minInService: 3 } },
    ]);
  });

  it('takes two bindings of one group on different ports, anchors, and durations of all units', () => {
    const text = `${head}  - &web
${binding.replace('  - name', '    name')}  - name: other
    loadBalancer: lb-1
    vServerGroup: rsp-1
    selector: { scalingGroup: asg-7 }
    ports: [{ port: 81, weight: 0 }]
timing: { lease: 1m, callTimeout: 5000ms, gather: 0s }
`;

    const { bindings, timing } = parseConfig(text, 'autopilot.yaml');

    expect(bindings.map(({ selector }) => selectorTags(selector))).toEqual([
      [{ key: 'role', value: 'web' }],
      [{ key: 'acs:autoscaling:scalingGroupId', value: 'asg-7' }],
    ]);
    expect(timing).toMatchObject({ leaseMs: 60_000, callTimeoutMs: 5_000, gatherMs: 0 });
  });

  it('finds the place of a fault behind an alias', () => {
    const text = `${head}${binding.replace('[{ port: 80 }]', '&ports [{ port: 0 }]')}${binding
      .replace('web', 'api')
      .replace('rsp-1', 'rsp-2')
      .replace('[{ port: 80 }]', '*ports')}`;

    expect(errorOf(text).faults.map(({ path, line }) => [path, line])).toEqual([
      ['bindings[0].ports[0].port', 8],
      ['bindings[1].ports[0].port', 8],
    ]);
  });
});

describe('loadConfig', () => {
  it('reads the example at the root', () => {
    const { bindings } = loadConfig(fileURLToPath(new URL('../../../autopilot.yaml', import.meta.url)));

    expect(bindings.map(({ name, ports }) => [name, ports.map(({ port }) => port)])).toEqual([
      ['web', [80]],
      ['api', [8080, 8081]],
      ['metrics', [9100]],
      ['search', [9200]],
    ]);
    expect(bindings[0]?.selector).toEqual(bindings[2]?.selector);
  });

  it('says which file is missing or too large', () => {
    const folder = mkdtempSync(join(tmpdir(), 'autopilot-config-'));
    try {
      writeFileSync(join(folder, 'large.yaml'), '');
      truncateSync(join(folder, 'large.yaml'), CONFIG_BYTES_MAX + 1);

      expect(() => loadConfig(join(folder, 'none.yaml'))).toThrow(
        /^none\.yaml: found no readable file \(ENOENT\)/,
      );
      expect(() => loadConfig(join(folder, 'large.yaml'))).toThrow(/^large\.yaml: found a larger file/);
      expect(() => loadConfig(folder)).toThrow(ConfigError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
