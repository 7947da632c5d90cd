import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../../../infra/local/world/eventbridge/pattern.ts';

const matches = (pattern: unknown, event: unknown) => compileEventPattern(JSON.stringify(pattern))(event);

const EVENT = {
  source: 'acs.ecs',
  type: 'ecs:Instance:StateChange',
  subject: '',
  data: { state: 'Running', count: 5, ip: '10.0.0.7', tags: ['a', 'b'], gone: null, flag: false },
};

describe('an event pattern', () => {
  it('wants every key and any of a key’s values', () => {
    const pattern = { source: ['acs.ecs'], data: { state: ['Running', 'Stopping', 'Stopped', 'Deleted'] } };

    expect(matches(pattern, EVENT)).toBe(true);
    expect(matches(pattern, { ...EVENT, source: 'acs.oss' })).toBe(false);
    expect(matches(pattern, { ...EVENT, data: { state: 'running' } })).toBe(false);
    expect(matches(pattern, { source: 'acs.ecs' })).toBe(false);
    expect(matches({}, EVENT)).toBe(true);
  });

  it.each<[unknown, boolean]>([
    [{ source: [{ prefix: 'acs.' }] }, true],
    [{ source: [{ prefix: 'ecs' }] }, false],
    [{ type: [{ suffix: 'StateChange' }] }, true],
    [{ type: [{ suffix: 'ecs' }] }, false],
    [{ type: [{ contains: ':Instance:' }] }, true],
    [{ type: [{ contains: ':Disk:' }] }, false],
    [{ data: { state: [{ 'anything-but': 'Stopped' }] } }, true],
    [{ data: { state: [{ 'anything-but': 'Running' }] } }, false],
    [{ data: { state: [{ 'anything-but': ['Stopped', 'Running'] }] } }, false],
    [{ data: { count: [{ 'anything-but': 6 }] } }, true],
    [{ data: { count: [{ 'anything-but': 5 }] } }, false],
    [{ data: { state: [{ 'anything-but': { prefix: 'Run' } }] } }, false],
    [{ data: { state: [{ 'anything-but': { prefix: 'Stop' } }] } }, true],
    [{ data: { missing: [{ 'anything-but': 'x' }] } }, false],
    [{ data: { count: [{ numeric: ['>', 0, '<=', 5] }] } }, true],
    [{ data: { count: [{ numeric: ['>', 5] }] } }, false],
    [{ data: { count: [{ numeric: ['=', 5] }] } }, true],
    [{ data: { state: [{ numeric: ['>', 0] }] } }, false],
    [{ data: { ip: [{ cidr: '10.0.0.0/24' }] } }, true],
    [{ data: { ip: [{ cidr: '10.0.1.0/24' }] } }, false],
    [{ data: { state: [{ cidr: '10.0.0.0/24' }] } }, false],
    [{ data: { state: [{ exists: true }] } }, true],
    [{ data: { missing: [{ exists: true }] } }, false],
    [{ data: { missing: [{ exists: false }] } }, true],
    [{ data: { state: [{ exists: false }] } }, false],
    [{ subject: [''] }, true],
    [{ source: [''] }, false],
    [{ data: { gone: [null] } }, true],
    [{ data: { missing: [null] } }, false],
    [{ data: { flag: [false] } }, true],
    [{ data: { count: ['5'] } }, false],
    [{ data: { tags: ['b', 'c'] } }, true],
    [{ data: { tags: ['c'] } }, false],
    [{ data: { tags: [{ prefix: 'a' }] } }, true],
    [{ source: ['acs.oss', { prefix: 'acs.e' }] }, true],
    [{ toString: [{ exists: true }] }, false],
  ])('%j → %s', (pattern, expected) => {
    expect(matches(pattern, EVENT)).toBe(expected);
  });

  it.each<[string]>([
    ['not json'],
    ['[]'],
    ['{"source":"acs.ecs"}'],
    ['{"source":[]}'],
    ['{"source":[["a"]]}'],
    ['{"source":["1","2","3","4","5","6"]}'],
    ['{"source":[{"wildcard":"a*"}]}'],
    ['{"source":[{"prefix":"a","suffix":"b"}]}'],
    ['{"source":[{"prefix":1}]}'],
    ['{"data":{"n":[{"numeric":[">"]}]}}'],
    ['{"data":{"n":[{"numeric":["constructor",1]}]}}'],
    ['{"data":{"n":[{"numeric":[">",1000000001]}]}}'],
    ['{"data":{"ip":[{"cidr":"10.0.0.0/33"}]}}'],
    ['{"data":{"s":[{"anything-but":[]}]}}'],
    ['{"data":{"s":[{"exists":"yes"}]}}'],
  ])('refuses %s', (pattern) => {
    expect(() => compileEventPattern(pattern)).toThrow(/event pattern is invalid/);
  });
});
