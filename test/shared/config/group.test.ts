import { describe, expect, it } from 'vitest';
import { ConfigError, type ConfigFault } from '../../../shared/config/faults.ts';
import { parseConfig } from '../../../shared/config/load.ts';

const BINDING = {
  name: 'web',
  loadBalancer: 'lb-1',
  selector: { tags: { role: 'web' } },
  ports: [{ port: 80 }],
};
const parsed = (group: object, more: object = {}) =>
  parseConfig(
    JSON.stringify({ version: 1, region: 'cn-hangzhou', bindings: [{ ...BINDING, group }], ...more }),
    'autopilot.yaml',
  );
const faultsOf = (...[group, more]: Parameters<typeof parsed>): ReadonlyArray<ConfigFault> => {
  try {
    parsed(group, more);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
};
const told = (faults: ReadonlyArray<ConfigFault>) =>
  faults.map(({ path, found, allowed }) => `${path}: found ${found}, allowed is ${allowed}`);

/** Each fault alone, with what is said of it. */
const FAULTS: ReadonlyArray<readonly [group: object, said: string]> = [
  [
    { name: '' },
    'bindings[0].group.name: found "", allowed is a name of 1 to 80 characters out of letters, digits, -, /, . and _',
  ],
  [
    { name: 'x'.repeat(81) },
    `bindings[0].group.name: found "${'x'.repeat(57)}…", allowed is a name of 1 to 80 characters out of letters, digits, -, /, . and _`,
  ],
  [
    { name: 'web prod' },
    'bindings[0].group.name: found "web prod", allowed is a name of 1 to 80 characters out of letters, digits, -, /, . and _',
  ],
  [
    { name: 'web', tags: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, 'v'])) },
    'bindings[0].group.tags: found 20 tags, allowed is at most 19 tags',
  ],
  [
    { name: 'web', tags: { ['k'.repeat(65)]: 'v' } },
    `bindings[0].group.tags.${'k'.repeat(65)}: found a key of 65 characters, allowed is a key of 1 to 64 characters`,
  ],
  [
    { name: 'web', tags: { k: 'v'.repeat(129) } },
    'bindings[0].group.tags.k: found a value of 129 characters, allowed is a value of at most 128 characters',
  ],
  [
    { name: 'web', tags: { 'acs:rm:x': 'v' } },
    'bindings[0].group.tags["acs:rm:x"]: found the key "acs:rm:x", allowed is a key that does not begin with aliyun or acs:',
  ],
  [
    { name: 'web', tags: { aliyunteam: 'v' } },
    'bindings[0].group.tags.aliyunteam: found the key "aliyunteam", allowed is a key that does not begin with aliyun or acs:',
  ],
  [
    { name: 'web', tags: { page: 'see https://example.com' } },
    'bindings[0].group.tags.page: found "see https://example.com", allowed is a value without http:// and https://',
  ],
  [
    { name: 'web', tags: { 'http://x': 'v' } },
    'bindings[0].group.tags["http://x"]: found the key "http://x", allowed is a key without http:// and https://',
  ],
  [
    { name: 'web', tags: { port: 80 } },
    'bindings[0].group.tags.port: found 80, allowed is a text (in quotes where YAML sees something else), which may be empty',
  ],
  [
    { name: 'web', listeners: ['http:65536'] },
    'bindings[0].group.listeners[0]: found "http:65536", allowed is a listener, such as http:80',
  ],
  [
    { name: 'web', listeners: ['tls:443'] },
    'bindings[0].group.listeners[0]: found "tls:443", allowed is a listener, such as http:80',
  ],
  [
    { name: 'web', listeners: ['http:80', 'http:80'] },
    'bindings[0].group.listeners[1]: found "http:80", which bindings[0] has as well, allowed is each listener and each rule once, in one group',
  ],
  [
    { name: 'web', rules: [{ listener: 'tcp:80', domain: 'a.com' }] },
    'bindings[0].group.rules[0].listener: found "tcp:80", allowed is an HTTP or HTTPS listener, such as http:80',
  ],
  [
    { name: 'web', rules: [{ listener: 'http:80' }] },
    'bindings[0].group.rules[0]: found neither an id nor a whole place, allowed is the id of a rule, or its listener with a domain, a url or both',
  ],
  [
    { name: 'web', rules: [{ id: 'rule-1', listener: 'http:80', url: '/' }] },
    'bindings[0].group.rules[0]: found an id and a place, allowed is the id of a rule, or its listener with a domain, a url or both',
  ],
  [
    { name: 'web', rules: [{ listener: 'http:80', url: 'v1' }] },
    'bindings[0].group.rules[0].url: found "v1", allowed is a path of 1 to 80 characters that begins with /',
  ],
];

describe('a declared group', () => {
  it.each(FAULTS)('is refused with its path, what was found and what is allowed: %j', (group, said) => {
    expect(told(faultsOf(group))).toEqual([said]);
  });

  it('is refused with all of its faults at once', () => {
    const group = {
      name: 'web prod',
      tags: { aliyunteam: 'v', page: 'http://x', port: 80 },
      listeners: ['tls:443', 'http:80'],
      rules: [{ listener: 'http:80' }, { listener: 'http:80', url: 'v1' }],
    };

    expect(faultsOf(group).map(({ path }) => path)).toEqual([
      'bindings[0].group.name',
      'bindings[0].group.tags.aliyunteam',
      'bindings[0].group.tags.page',
      'bindings[0].group.tags.port',
      'bindings[0].group.listeners[0]',
      'bindings[0].group.rules[0]',
      'bindings[0].group.rules[1].url',
    ]);
  });

  it('stands instead of the id of a group, never beside it', () => {
    const bindings = [
      { ...BINDING, vServerGroup: 'rsp-1', group: { name: 'web' } },
      { ...BINDING, name: 'api' },
      { ...BINDING, name: 'img', vServerGroup: 'rsp-2', manage: 'group' },
    ];

    expect(faultsOf({}, { bindings }).map(({ path, found }) => [path, found])).toEqual([
      ['bindings[0].group', 'a vServerGroup beside it'],
      ['bindings[1].vServerGroup', 'nothing'],
      ['bindings[2].manage', '"group" for a group that is not declared'],
    ]);
  });

  it('may be the group of other bindings of its load balancer, too', () => {
    const group = { name: 'web' };
    const other = (more: object) => ({ ...BINDING, name: 'pods', type: 'eni', ...more });
    const pathsOf = (more: object) =>
      faultsOf({}, { bindings: [{ ...BINDING, group }, other(more)] }).map(({ path, found }) => [
        path,
        found,
      ]);

    expect(pathsOf({ groupOf: BINDING.name })).toEqual([]);
    expect(pathsOf({ groupOf: BINDING.name, type: 'ecs' })).toEqual([
      ['bindings[1].ports[0].port', expect.stringMatching(/^port 80 of the group of web in /)],
    ]);
    expect(pathsOf({ groupOf: 'nobody' })).toEqual([
      ['bindings[1].groupOf', '"nobody", which no binding is called'],
    ]);
    expect(pathsOf({ groupOf: 'pods' })).toEqual([['bindings[1].groupOf', '"pods", which declares none']]);
    expect(pathsOf({ groupOf: BINDING.name, loadBalancer: 'lb-2' })).toEqual([
      ['bindings[1].groupOf', `"${BINDING.name}" of "${BINDING.loadBalancer}"`],
    ]);
    expect(pathsOf({ groupOf: BINDING.name, group: { name: 'b' } })).toEqual([
      ['bindings[1].groupOf', 'a group beside it'],
    ]);
  });

  it('has a name and listeners that no other group or pair of its load balancer has', () => {
    const group = { name: 'web', listeners: ['tcp:3306'] };
    const bindings = [
      { ...BINDING, group },
      { ...BINDING, name: 'api', group: { name: 'web' } },
    ];
    const pairs = [{ name: 'db', loadBalancer: 'lb-1', listeners: ['tcp:3306'] }];

    expect(faultsOf({}, { bindings, pairs }).map(({ path, found }) => [path, found])).toEqual([
      ['bindings[1].group.name', '"web", which bindings[0] has as well'],
      ['pairs[0].listeners[0]', '"tcp:3306", which bindings[0] has as well'],
    ]);
  });

  it('is read with its tags sorted, its listeners and its rules', () => {
    const { bindings } = parsed({
      name: 'shop/web_1.0-a',
      tags: { team: 'shop', env: '' },
      listeners: ['http:80'],
      rules: [{ id: 'rule-1' }, { listener: 'https:443', domain: '*.example.com', url: '/v1' }],
    });

    expect(bindings[0]).toMatchObject({
      vServerGroupId: 'declared/web',
      group: {
        name: 'shop/web_1.0-a',
        tags: [
          { key: 'env', value: '' },
          { key: 'team', value: 'shop' },
        ],
        listeners: [{ protocol: 'http', port: 80 }],
        rules: [
          { kind: 'id', ruleId: 'rule-1' },
          {
            kind: 'place',
            listener: { protocol: 'https', port: 443 },
            domain: '*.example.com',
            url: '/v1',
          },
        ],
        adopt: false,
        isManaged: false,
      },
    });
  });
});
